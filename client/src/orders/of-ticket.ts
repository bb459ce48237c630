'use client';

import { useEffect, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { Order, Ticket } from '../api/types.ts';
import { onOrders } from './news.ts';
import { orderOfTicket } from './words.ts';

/** After an answer that was none, in milliseconds. */
const PAUSE = 3000;

/**
 * One's own order that holds a ticket, or has bought it; undefined when it is somebody else's, and `null` as long as that is
 * not known. Whenever the ticket changes hands it is read again, as is told by the ticket's own stream.
 */
export function useOrderOf(
  { id, status, updatedAt }: Ticket,
  asked: boolean,
  first: Order | null | undefined,
): Order | null | undefined {
  const state = asked && status !== 'available' ? `${status} ${updatedAt}` : '';
  const [known, setKnown] = useState({ state, order: first });
  const isKnown = known.state === state && known.order !== null;
  useEffect(() => {
    if (state === '') return;
    let left = false;
    let timer: ReturnType<typeof setTimeout>;
    const read = async () => {
      clearTimeout(timer);
      const answer = await api<Order[]>('GET', orderOfTicket(id));
      if (left) return;
      if (answer.ok) setKnown({ state, order: answer.body[0] });
      else if (!isFinal(answer)) timer = setTimeout(() => void read(), PAUSE * (1 + Math.random()));
    };
    if (!isKnown) void read();
    const stop = onOrders(() => void read());
    return () => {
      left = true;
      clearTimeout(timer);
      stop();
    };
  }, [id, state, isKnown]);
  if (state === '') return undefined;
  return known.state === state ? known.order : null;
}
