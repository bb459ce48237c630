import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { COMING, PAST } from '../../admissions/paths.ts';
import { MyTickets } from '../../admissions/list.tsx';
import { ask, need } from '../../api/server.ts';
import type { Admission } from '../../api/types.ts';
import { signedIn } from '../../session/visitor.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Page } from '../../ui/parts.tsx';
import ui from '../../ui/ui.module.css';

export const metadata: Metadata = { title: 'My tickets' };

export default async function MyTicketsPage(): Promise<ReactNode> {
  await signedIn('/my-tickets');
  const [coming, past] = await Promise.all([
    need<Admission[]>(COMING, '/my-tickets'),
    ask<Admission[]>(PAST),
  ]);
  return (
    <Page narrow>
      <div className={ui['head']}>
        <h1>My tickets</h1>
        <LinkButton href="/selling" prefetch={false} quiet small>
          What you sell
        </LinkButton>
      </div>
      <MyTickets
        coming={coming.body}
        past={past.ok ? past.body : []}
        earlier={past.ok ? past.next : undefined}
        at={coming.at}
      />
    </Page>
  );
}
