'use client';

import { useEffect, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { Order, Ticket } from '../api/types.ts';
import { onOrders } from './news.ts';
import { orderOfTicket } from './words.ts';

/** After an answer that was none, in milliseconds. */
const PAUSE = 3000;
/** Thousands may look at a ticket that changes hands: they do not all ask at once, but within so long, in milliseconds. */
const SPREAD = 5000;

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
  const isNews = known.state !== state;
  const isKnown = !isNews && known.order !== null;
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
    if (isNews) timer = setTimeout(() => void read(), SPREAD * Math.random());
    else if (!isKnown) void read();
    const stop = onOrders(() => void read());
    return () => {
      left = true;
      clearTimeout(timer);
      stop();
    };
  }, [id, state, isNews, isKnown]);
  if (state === '') return undefined;
  return isNews ? null : known.order;
}
