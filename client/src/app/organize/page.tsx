import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { need } from '../../api/server.ts';
import type { EventSummary } from '../../api/types.ts';
import { OwnEvents } from '../../organize/list.tsx';
import { signedIn } from '../../session/visitor.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Page } from '../../ui/parts.tsx';
import ui from '../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Your events' };

interface Props {
  searchParams: Promise<{ cursor?: string | string[] }>;
}

export default async function OrganizePage({ searchParams }: Props): Promise<ReactNode> {
  const { cursor } = await searchParams;
  const after = typeof cursor === 'string' ? `&cursor=${encodeURIComponent(cursor)}` : '';
  await signedIn('/organize');
  const events = await need<EventSummary[]>(`/api/events?as=team&sort=newest&limit=100${after}`, '/organize');
  return (
    <Page>
      <div className={ui['head']}>
        <h1>Your events</h1>
        <LinkButton href="/organize/new">New event</LinkButton>
      </div>
      <OwnEvents events={events.body} next={events.next} at={events.at} />
    </Page>
  );
}
