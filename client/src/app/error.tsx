'use client';

import { useRouter } from 'next/navigation';
import { startTransition, type ReactNode } from 'react';
import { Button, LinkButton } from '../ui/button.tsx';
import { Empty, Page } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';

/** Instead of a page that could not be made. */
export default function Failed({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}): ReactNode {
  const router = useRouter();
  const again = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <Page>
      <Empty title="This did not work" level={1}>
        {error.digest === 'clocks' ? (
          <p>
            The clocks of our servers differ, so a part of the suite does not know you at the moment. We have
            been told. Nothing of yours is lost; try again in a few minutes.
          </p>
        ) : (
          <p>A part of the suite does not answer. Nothing of yours is lost.</p>
        )}
        <div className={ui['row']}>
          <Button onClick={again}>Try again</Button>
          <LinkButton href="/" quiet>
            See what’s on
          </LinkButton>
        </div>
      </Empty>
    </Page>
  );
}
