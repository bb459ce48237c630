'use client';

import { type ReactNode, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useMinute } from '../api/clock.ts';
import type { Admission, AdmissionNews, Order } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import ui from '../ui/ui.module.css';
import { Entry } from './list.tsx';
import { ofOrder } from './paths.ts';
import { inOrder } from './words.ts';

/** What is bought is issued within moments; later nobody waits for it here, in milliseconds. */
const MOMENTS = 5 * 60_000;

const WAITS = 'They are being made, and are here in a moment.';
const NONE = 'You hold none of them: they were handed on, or are not made yet.';

/** The tickets of an order that its buyer still holds, as soon as they are there. */
export function OfOrder({ order, at }: { order: Order; at: number }): ReactNode {
  const { id, items, completedAt = order.updatedAt } = order;
  const [tickets, setTickets] = useState<readonly Admission[]>();
  const now = useMinute(at);
  const read = async () => {
    const answer = await api<Admission[]>('GET', ofOrder(id));
    if (answer.ok) setTickets(answer.body);
    return isFinal(answer);
  };
  const { load } = useStream<AdmissionNews>('/api/admissions/stream', {
    changes(changes) {
      if (changes.some(({ eventId }) => eventId === order.saleId)) void load();
    },
    load: read,
  });
  const waits = (tickets?.length ?? 0) < items.length && now - Date.parse(completedAt) < MOMENTS;
  return (
    <section className={ui['panel']} aria-labelledby="tickets">
      <h2 id="tickets">Your tickets</h2>
      {tickets && tickets.length > 0 && (
        <ul>
          {[...tickets].sort(inOrder).map((ticket, index) => (
            <li key={ticket.id}>
              <Entry ticket={ticket} number={tickets.length > 1 && index + 1} />
            </li>
          ))}
        </ul>
      )}
      <p role="status" className={ui['muted']}>
        {tickets?.length ? '' : waits ? WAITS : tickets ? NONE : ''}
      </p>
      {tickets && tickets.length > 0 && (
        <p>
          <a href={`/api/admissions/orders/${id}/pdf`}>All of them as a PDF</a>
        </p>
      )}
    </section>
  );
}
