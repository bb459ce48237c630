'use client';

import Link from 'next/link';
import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';
import { type Answer, isFinal, type Success } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { Earnings, Order, Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { usePerson } from '../session/keeper.tsx';
import { newer } from '../tickets/newer.ts';
import { Art } from '../ui/art.tsx';
import { LinkButton } from '../ui/button.tsx';
import { isolated, money, ownZone, rising } from '../ui/format.ts';
import { late } from '../ui/late.tsx';
import { Badge, Empty, NotLive, type Tone } from '../ui/parts.tsx';
import { useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { Chart } from './chart.tsx';
import { earningsPath, SALES } from './sales.ts';
import styles from './selling.module.css';

const ZoneForm = late(() => import('../account/zone.tsx').then((file) => file.ZoneForm));

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
  const person = usePerson();
  const hydrated = useHydrated();
  const zone = person?.zone ?? (hydrated ? ownZone() : 'UTC');
  const [earnings, setEarnings] = useState(before && { ...before, zone: person?.zone ?? 'UTC' });
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
      api<Earnings>('GET', earningsPath(zone)),
      api<Order[]>('GET', SALES),
    ]);
    if (sums.ok) setEarnings({ ...sums, zone });
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
  const counted = earnings?.zone;
  const countAnew = useEffectEvent(() => void sold());
  useEffect(() => {
    if (counted !== undefined && counted !== zone) countAnew();
  }, [counted, zone]);

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
      {earnings && (
        <Chart earnings={earnings.body} zone={earnings.zone} at={earnings.at}>
          {person?.zone ? (
            <p className={ui['hint']}>
              <span>{`Days in ${person.zone}.`}</span> <Link href="/account">Change</Link>
            </p>
          ) : (
            <div className={styles['zone']}>{hydrated && <ZoneForm />}</div>
          )}
        </Chart>
      )}
      <ul className={styles['list']}>
        {[...tickets.values()]
          .sort((a, b) => (a.saleId === b.saleId ? rising(a, b) : a.saleId < b.saleId ? 1 : -1))
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
              <span className={styles['edit']}>
                {ticket.status === 'available' && (
                  <LinkButton
                    href={`/tickets/${ticket.id}/edit`}
                    aria-label={`Edit ${isolated(ticket.title)}`}
                    quiet
                    small
                    prefetch={false}
                  >
                    Edit
                  </LinkButton>
                )}
              </span>
            </li>
          ))}
      </ul>
    </div>
  );
}
