import type { Metadata } from 'next';
import { cache, type ReactNode } from 'react';
import { COMING, PAST } from '../../../admissions/paths.ts';
import { TicketOfMine } from '../../../admissions/ticket.tsx';
import { isOver, statusOf } from '../../../admissions/words.ts';
import { ask, need } from '../../../api/server.ts';
import type { Admission } from '../../../api/types.ts';
import { signedIn } from '../../../session/visitor.ts';
import { isolated } from '../../../ui/format.ts';
import { Page } from '../../../ui/parts.tsx';

interface Props {
  params: Promise<{ id: string }>;
}

const ticketOf = cache(async (id: string) => {
  const here = `/my-tickets/${encodeURIComponent(id)}`;
  await signedIn(here);
  return need<Admission>(`/api/admissions/${encodeURIComponent(id)}`, here);
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { body: ticket } = await ticketOf((await params).id);
  return { title: `${statusOf(ticket).label} · ${isolated(ticket.event.title)}` };
}

export default async function TicketOfMinePage({ params }: Props): Promise<ReactNode> {
  const { body: ticket, at } = await ticketOf((await params).id);
  const beside = await ask<Admission[]>(isOver(ticket.event, at) ? PAST : COMING);
  return (
    <Page narrow>
      <TicketOfMine key={ticket.id} first={ticket} beside={beside.ok ? beside.body : []} at={at} />
    </Page>
  );
}
