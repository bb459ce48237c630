'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { type Answer, isFinal, type Success } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { Earnings, Order, Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { newer } from '../market/list.ts';
import { Art } from '../ui/art.tsx';
import { LinkButton } from '../ui/button.tsx';
import { money } from '../ui/format.ts';
import { Badge, Empty, NotLive, type Tone } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import { Chart } from './chart.tsx';
import { SALES } from './sales.ts';
import styles from './selling.module.css';

const STATUS: Record<Ticket['status'], { label: string; tone: Tone }> = {
  available: { label: 'On sale', tone: 'good' },
  reserved: { label: 'Reserved', tone: 'warn' },
  sold: { label: 'Sold', tone: 'plain' },
};

interface Props {
  sellerId: string;
  first: readonly Ticket[];
  earnings: Success<Earnings> | undefined;
  /** Paid orders of these tickets. */
  sales: readonly Order[];
}

/** What a seller has on sale and has sold, and what it earned; live. */
export function Mine({ sellerId, first, earnings: before, sales: known }: Props): ReactNode {
  const [tickets, setTickets] = useState<ReadonlyMap<string, Ticket>>(
    () => new Map(first.map((ticket) => [ticket.id, ticket])),
  );
  const [earnings, setEarnings] = useState(before);
  const [sales, setSales] = useState(known);
  const orderOf = new Map(
    sales.flatMap(({ id, items }) => items.map(({ ticketId }) => [ticketId, id] as const)),
  );

  const took = (changes: readonly Ticket[]) => {
    const ours = changes.filter((news) => news.sellerId === sellerId);
    if (ours.length === 0) return;
    setTickets((now) => {
      const next = new Map(now);
      for (const news of ours)
        if (news.deleted) next.delete(news.id);
        else next.set(news.id, newer(next.get(news.id), news));
      return next;
    });
    if (ours.some(({ id, status }) => (status === 'sold') !== (tickets.get(id)?.status === 'sold')))
      void sold();
  };
  const count = async () => {
    const [sums, sold] = await Promise.all([
      api<Earnings>('GET', '/api/orders/earnings'),
      api<Order[]>('GET', SALES),
    ]);
    if (sums.ok) setEarnings(sums);
    if (sold.ok) setSales(sold.body);
    return isFinal(sums) && isFinal(sold);
  };
  const read = async () => {
    const all: Ticket[] = [];
    for (let path: string | undefined = `/api/tickets?sellerId=${sellerId}&limit=200`; path !== undefined;) {
      const page: Answer<Ticket[]> = await api<Ticket[]>('GET', path);
      if (!page.ok) return isFinal(page);
      all.push(...page.body);
      path = page.next;
    }
    setTickets((now) => new Map(all.map((ticket) => [ticket.id, newer(now.get(ticket.id), ticket)])));
    return count();
  };
  const { live, load } = useStream<Ticket>('/api/tickets/stream', { changes: took, load: read });
  const sold = async () => {
    if (!(await count())) await load();
  };

  if (tickets.size === 0)
    return (
      <div className={ui['stack']}>
        <NotLive live={live} />
        <Empty title="You have nothing on sale">
          <p>A ticket that you cannot use is somebody&apos;s evening.</p>
          <LinkButton href="/sell">Sell a ticket</LinkButton>
        </Empty>
      </div>
    );
  return (
    <div className={ui['stack']}>
      <NotLive live={live} />
      {earnings && <Chart earnings={earnings.body} at={earnings.at} />}
      <ul className={styles['list']}>
        {[...tickets.values()]
          .sort((a, b) => (a.id < b.id ? 1 : -1))
          .map((ticket) => (
            <li key={ticket.id}>
              <Link
                href={orderOf.has(ticket.id) ? `/orders/${orderOf.get(ticket.id)}` : `/tickets/${ticket.id}`}
                prefetch={false}
                className={styles['entry']}
              >
                <div className={styles['thumb']}>
                  <Art seed={ticket.saleId} />
                </div>
                <h2>
                  <bdi>{ticket.title}</bdi>
                </h2>
                <strong>{money(ticket.price, ticket.currency)}</strong>
                <Badge tone={STATUS[ticket.status].tone}>{STATUS[ticket.status].label}</Badge>
              </Link>
            </li>
          ))}
      </ul>
    </div>
  );
}
