'use client';

import Link from 'next/link';
import { type ReactNode, useRef } from 'react';
import type { EventSummary, Order } from '../api/types.ts';
import { addressOf, mapOf } from '../events/address.ts';
import { TakesBack } from '../events/takes-back.tsx';
import { When } from '../events/when.tsx';
import { useStream } from '../live/stream.ts';
import { Notice } from '../ui/parts.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';

interface Props {
  event: NonNullable<Order['event']>;
  items: Order['items'];
  /** Reads the order, and with it the event, again; whether that is known now, and of that version at least. */
  onChange(heard: number): Promise<boolean>;
}

/** The event that an order is for, as it is now: when, where, and what has become of it. */
export function OfEvent({ event, items, onChange }: Props): ReactNode {
  const { id, status, venue, zone, postponedFrom, returns, version } = event;
  /** The newest version that the stream told of: orders hear of it a moment later. */
  const heard = useRef(version);
  const { load } = useStream<EventSummary>('/api/events/stream', {
    changes(changes) {
      const news = Math.max(...changes.filter((one) => one.id === id).map((one) => one.version));
      if (news <= Math.max(version, heard.current)) return;
      heard.current = news;
      void load();
    },
    load: () => onChange(heard.current),
  });
  const changed = items.some(({ ticketVersion }) => ticketVersion < version);
  return (
    <section className={ui['panel']} aria-labelledby="event">
      <h2 id="event">When and where</h2>
      {status === 'cancelled' ? (
        <Notice tone="bad">
          <p>The event is cancelled.</p>
        </Notice>
      ) : postponedFrom !== undefined ? (
        <Notice tone="warn">
          <p>
            The event is postponed: it was to begin on <Time at={postponedFrom} zone={zone} />.
          </p>
          <TakesBack returns={returns} zone={zone} />
        </Notice>
      ) : (
        changed && (
          <Notice>
            <p>The organizer has changed something since you ordered. This is how it is now.</p>
          </Notice>
        )
      )}
      <When event={event} />
      <p>
        <span dir="auto">{addressOf(venue).join(', ')}</span>
      </p>
      <p className={ui['row']}>
        <Link href={`/events/${id}`} prefetch={false}>
          See the event
        </Link>
        <a href={mapOf(venue)} rel="noreferrer">
          See it on a map
        </a>
        <a href={`/events/${id}/calendar.ics`}>Add to a calendar</a>
      </p>
    </section>
  );
}
