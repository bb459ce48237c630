'use client';

import { usePathname } from 'next/navigation';
import { type ReactNode, useEffect } from 'react';
import { forgetTicket } from '../session/kept.ts';
import { LinkButton } from '../ui/button.tsx';
import { Empty } from '../ui/parts.tsx';

/** In place of a ticket that somebody else has now; nor does this browser keep it any longer. */
export function Gone({ level = 2 }: { level?: 1 | 2 }): ReactNode {
  const path = usePathname();
  useEffect(() => forgetTicket(path.split('/').at(-1) ?? ''), [path]);
  return (
    <Empty title="This ticket is not yours" level={level}>
      <p>If it was, somebody else has it now: the code that you had lets nobody in any more.</p>
      <LinkButton href="/my-tickets" prefetch={false}>
        My tickets
      </LinkButton>
    </Empty>
  );
}
