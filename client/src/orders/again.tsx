'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { api, once } from '../api/browser.ts';
import type { Order, Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { newer } from '../market/list.ts';
import { Button } from '../ui/button.tsx';
import { money } from '../ui/format.ts';
import { Badge, Notice } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import styles from './order.module.css';

/** The tickets of an order that is over, for as long as they are free. */
export function Again({ items }: Pick<Order, 'items'>): ReactNode {
  const router = useRouter();
  const [tickets, setTickets] = useState<ReadonlyMap<string, Ticket>>(new Map());
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const wanted = new Set(items.map(({ ticketId }) => ticketId));

  const took = (changes: readonly Ticket[]) => {
    const ours = changes.filter(({ id }) => wanted.has(id));
    if (ours.length > 0)
      setTickets(
        (now) => new Map([...now, ...ours.map((news) => [news.id, newer(now.get(news.id), news)] as const)]),
      );
  };
  const load = async () => {
    const answers = await Promise.all(
      items.map(({ ticketId }) => api<Ticket>('GET', `/api/tickets/${ticketId}`)),
    );
    took(answers.flatMap((answer) => (answer.ok ? [answer.body] : [])));
  };
  useStream<Ticket>('/api/tickets/stream', { changes: took, load: () => void load() });

  const free = [...tickets.values()].filter(({ status, deleted }) => status === 'available' && !deleted);
  if (free.length === 0) return null;
  const [first] = free;
  const reserve = async () => {
    setBusy(true);
    const answer = await once<Order>('/api/orders', {
      ticketIds: free.map(({ id }) => id),
      seen: free.map(({ id, price, version }) => ({ ticketId: id, price, version })),
    });
    if (answer.ok) return router.push(`/orders/${answer.body.id}`);
    setBusy(false);
    setProblem(`${answer.detail}.`);
    await load();
  };
  return (
    <section className={ui['panel']} aria-labelledby="again">
      <h2 id="again">Still on sale</h2>
      <table className={styles['items']}>
        <caption className="hidden">Tickets that are free again</caption>
        <tbody>
          {free.map(({ id, title, price, currency }) => (
            <tr key={id}>
              <td>
                {title}{' '}
                {items.some((item) => item.ticketId === id && item.price !== price) && (
                  <Badge tone="warn">New price</Badge>
                )}
              </td>
              <td>{money(price, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {problem && (
        <Notice tone="bad" alert>
          <p>{problem}</p>
        </Notice>
      )}
      <Button busy={busy} onClick={() => void reserve()}>
        Reserve again for{' '}
        {money(
          free.reduce((sum, { price }) => sum + price, 0),
          first?.currency,
        )}
      </Button>
    </section>
  );
}
