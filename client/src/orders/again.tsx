'use client';

import { type ReactNode, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api, once } from '../api/browser.ts';
import type { Order, Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { newer } from '../tickets/newer.ts';
import { Button } from '../ui/button.tsx';
import { money } from '../ui/format.ts';
import { useGo } from '../ui/go.ts';
import { Badge, Refusal } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import styles from './order.module.css';

/** The tickets of an order that is over, for as long as they are free. */
export function Again({ items }: Pick<Order, 'items'>): ReactNode {
  const { going, go } = useGo();
  const [tickets, setTickets] = useState<ReadonlyMap<string, Ticket>>(new Map());
  /** What the buyer has looked at; a price that moved since is refused once, and then shown. */
  const [seen, setSeen] = useState(tickets);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const wanted = new Set(items.map(({ ticketId }) => ticketId));

  const took = (changes: readonly Ticket[]) => {
    const ours = changes.filter(({ id }) => wanted.has(id));
    if (ours.length === 0) return;
    setSeen((before) => new Map([...ours.map((news) => [news.id, news] as const), ...before]));
    setTickets(
      (now) => new Map([...now, ...ours.map((news) => [news.id, newer(now.get(news.id), news)] as const)]),
    );
  };
  const read = async () => {
    const answers = await Promise.all(
      items.map(
        async ({ ticketId }) => [ticketId, await api<Ticket>('GET', `/api/tickets/${ticketId}`)] as const,
      ),
    );
    took(answers.flatMap(([, answer]) => (answer.ok ? [answer.body] : [])));
    const gone = new Set(answers.flatMap(([id, { status }]) => (status === 404 ? [id] : [])));
    setTickets((now) => new Map([...now].filter(([id]) => !gone.has(id))));
    return answers.every(([, answer]) => isFinal(answer));
  };
  const { load } = useStream<Ticket>('/api/tickets/stream', { changes: took, load: read });

  const free = [...tickets.values()].filter(({ status, deleted }) => status === 'available' && !deleted);
  if (free.length === 0) return null;
  const [first] = free;
  const reserve = async () => {
    setBusy(true);
    const answer = await once<Order>('/api/orders', {
      ticketIds: free.map(({ id }) => id),
      seen: free
        .map(({ id }) => seen.get(id) ?? tickets.get(id))
        .flatMap((one) => (one ? [{ ticketId: one.id, price: one.price, version: one.version }] : [])),
    });
    if (answer.ok) {
      setBusy(false);
      return go(`/orders/${answer.body.id}`);
    }
    await load();
    setSeen(new Map());
    setBusy(false);
    setProblem(`${answer.detail}.`);
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
                <bdi>{title}</bdi>
                {items.some((item) => item.ticketId === id && item.price !== price) && (
                  <Badge tone="warn">New price</Badge>
                )}
              </td>
              <td>{money(price, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Refusal why={problem} />
      <Button busy={busy || going} onClick={() => void reserve()}>
        {first &&
          `Reserve again for ${money(
            free.reduce((sum, { price }) => sum + price, 0),
            first.currency,
          )}`}
      </Button>
    </section>
  );
}
