'use client';

import Link from 'next/link';
import { type ReactNode, useRef, useState } from 'react';
import { useMinute } from '../api/clock.ts';
import type { Success } from '../api/answer.ts';
import type { EventSales, EventView } from '../api/types.ts';
import type { PlacesNews } from '../events/left.ts';
import { Share } from '../events/share.tsx';
import { When } from '../events/when.tsx';
import { placeOf, standingOf, WORDS } from '../events/words.ts';
import { LinkButton } from '../ui/button.tsx';
import { isLong } from '../ui/format.ts';
import { useFocusOn } from '../ui/here.ts';
import { Badge } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import { Before } from './before.tsx';
import { Cancel, DeleteDraft } from './cancel.tsx';
import { type EndingState, Ending } from './ending.tsx';
import { Guests } from './guests.tsx';
import { LivePlaces } from './live-places.tsx';
import styles from './organize.module.css';
import { Team } from './team.tsx';
import { Copy, Postpone } from './times.tsx';

interface Props {
  first: EventView;
  places: PlacesNews | undefined;
  sales: Success<EventSales> | undefined;
  ending: EndingState | undefined;
  /** The server's clock when it answered, in milliseconds. */
  at: number;
  me: string;
}

/** One's own event: what is to be done before it is published, how it sells, and what can be done about it. */
export function Manage({ first, places, sales, ending, at, me }: Props): ReactNode {
  const [event, setEvent] = useState(first);
  const now = useMinute(at);
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusOn(heading, event.status);
  const { id, status, role, title } = event;
  const edits = role === 'owner' || role === 'manager';
  const isOver = Date.parse(event.endsAt) <= now;
  const isOpen = status === 'published' && !isOver;
  const { label, tone } = WORDS[standingOf(event, now)];
  return (
    <div className={ui['stack']}>
      <div className={ui['head']}>
        <div>
          <h1 ref={heading} tabIndex={-1} dir="auto" data-long={isLong(title)}>
            {title}
          </h1>
          <p className={ui['muted']}>
            <When event={event} />
          </p>
          <p className={ui['muted']}>{placeOf(event)}</p>
        </div>
        <Badge tone={tone}>{label}</Badge>
      </div>
      <div className={ui['row']}>
        {edits && (status === 'draft' || isOpen) && (
          <LinkButton href={`/organize/${id}/edit`} quiet small prefetch={false}>
            Edit
          </LinkButton>
        )}
        {edits && status !== 'draft' && (
          <LinkButton href={`/organize/${id}/orders`} quiet small prefetch={false}>
            Orders
          </LinkButton>
        )}
        <LinkButton href={`/events/${id}`} quiet small prefetch={false}>
          Its page
        </LinkButton>
        {status === 'published' && <Share path={`/events/${id}`} title={title} />}
      </div>
      {status === 'draft' && edits && <Before event={event} now={now} onChange={setEvent} />}
      {status === 'published' && <LivePlaces event={event} first={places} sales={sales} now={now} />}
      {status === 'cancelled' && edits && <Ending eventId={id} first={ending} />}
      {isOpen && edits && <Guests event={event} />}
      <Team event={event} me={me} onChange={setEvent} />
      {edits && (
        <section className={ui['panel']} aria-labelledby="more">
          <h2 id="more">More</h2>
          <div className={ui['row']}>
            <Copy event={event} />
            {isOpen && <Postpone event={event} onChange={setEvent} />}
            {isOpen && <Cancel event={event} onChange={setEvent} />}
            {status === 'draft' && role === 'owner' && <DeleteDraft event={event} />}
          </div>
        </section>
      )}
      <p className={styles['back']}>
        <Link href="/organize" prefetch={false}>
          All your events
        </Link>
      </p>
    </div>
  );
}
