import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { LinkButton } from '../ui/button.tsx';
import { Empty, Page } from '../ui/parts.tsx';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound(): ReactNode {
  return (
    <Page>
      <Empty title="There is nothing here" level={1}>
        <p>It may have been withdrawn, or it belongs to somebody else.</p>
        <LinkButton href="/">See what’s on</LinkButton>
      </Empty>
    </Page>
  );
}
