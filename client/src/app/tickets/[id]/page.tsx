import type { Metadata } from 'next';
import { cache, type ReactNode } from 'react';
import { ask, need } from '../../../api/server.ts';
import type { Order, Ticket } from '../../../api/types.ts';
import { orderOfTicket } from '../../../orders/words.ts';
import { visitor } from '../../../session/visitor.ts';
import { TicketView } from '../../../tickets/ticket.tsx';
import { tabTitleOf } from '../../../tickets/words.ts';
import { isolated, money } from '../../../ui/format.ts';
import { Page } from '../../../ui/parts.tsx';

interface Props {
  params: Promise<{ id: string }>;
  searchParams: Promise<{ with?: string | string[] }>;
}

const ticketOf = cache(async (id: string) => {
  const path = `/api/tickets/${encodeURIComponent(id)}`;
  return (await need<Ticket>(path, `/tickets/${id}`)).body;
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const ticket = await ticketOf((await params).id);
  const { description, price, currency } = ticket;
  const title = isolated(ticket.title);
  const text = `${money(price, currency)}. ${isolated(description ?? 'Reserve it, pay in peace, and nobody else can hold it.')}`;
  return { title: tabTitleOf(ticket), description: text, openGraph: { title, description: text } };
}

export default async function TicketPage({ params, searchParams }: Props): Promise<ReactNode> {
  const ticket = await ticketOf((await params).id);
  const { with: chosen = [] } = await searchParams;
  const who = await visitor();
  const taken = ticket.status !== 'available' && who && who.id !== ticket.sellerId;
  const [sale, orders] = await Promise.all([
    ask<Ticket[]>(`/api/tickets?saleId=${ticket.saleId}&limit=200`),
    taken ? ask<Order[]>(orderOfTicket(ticket.id)) : undefined,
  ]);
  return (
    <Page>
      <TicketView
        key={ticket.id}
        first={ticket}
        sale={sale.ok ? sale.body : []}
        chosen={[chosen].flat()}
        order={orders && (orders.ok ? orders.body[0] : null)}
      />
    </Page>
  );
}
