'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { api } from '../api/browser.ts';
import ui from '../ui/ui.module.css';
import { useSaid } from '../live/said.ts';
import { NotLive } from '../ui/parts.tsx';

/** How far the orders of a cancelled event are ended. */
export interface EndingState {
  ended: number;
  left: number;
  doneAt?: string;
}

const PAUSE = 2000;

/** What goes back after an event was cancelled, until all has. */
export function Ending({ eventId, first }: { eventId: string; first: EndingState | undefined }): ReactNode {
  const [ending, setEnding] = useState(first);
  const [read, setRead] = useState(true);
  const isDone = ending?.doneAt !== undefined;
  const live = useSaid(read);
  useEffect(() => {
    if (isDone) return;
    const look = async () => {
      if (document.hidden) return;
      const answer = await api<EndingState>('GET', `/api/orders/endings/${eventId}`);
      if (answer.ok) setEnding(answer.body);
      // Just cancelled: `orders` hears of it in a moment.
      setRead(answer.ok || answer.status === 404);
    };
    const timer = setInterval(() => void look(), PAUSE);
    return () => clearInterval(timer);
  }, [eventId, isDone]);
  const all = ending ? ending.ended + ending.left : 0;
  return (
    <section className={ui['panel']} aria-labelledby="ending">
      <NotLive live={live} />
      <h2 id="ending">What goes back</h2>
      <p role="status">{told(ending, all)}</p>
      {ending && !isDone && all > 0 && (
        <progress max={all} value={ending.ended} aria-label="Orders that have ended" />
      )}
    </section>
  );
}

function told(ending: EndingState | undefined, all: number): string {
  if (!ending) return 'It has just been cancelled: its orders are being ended.';
  const orders = all === 1 ? '1 order' : `${all} orders`;
  if (ending.doneAt === undefined) return `${ending.ended} of ${orders} have ended so far.`;
  return all === 0
    ? 'Nobody held a place.'
    : `${orders} ended, and what was paid is on its way back to who paid it.`;
}
