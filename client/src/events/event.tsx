'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type ReactNode, useRef, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useMinute } from '../api/clock.ts';
import type { EventSummary, EventView } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { Art } from '../ui/art.tsx';
import { isLong } from '../ui/format.ts';
import { useFocusOn, useTitle } from '../ui/here.ts';
import { Badge, Notice } from '../ui/parts.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { addressOf, mapOf } from './address.ts';
import { Choice } from './choice.tsx';
import styles from './event.module.css';
import type { PlacesNews } from './left.ts';
import { Share } from './share.tsx';
import { tabTitleOf } from './title.ts';
import { When } from './when.tsx';
import { type Standing, standingOf, WORDS } from './words.ts';

interface Props {
  first: EventView;
  places: PlacesNews | undefined;
  /** What the organizer wrote, as the server made it. */
  description: ReactNode;
  /** The server's clock when the page was made, in milliseconds. */
  at: number;
}

/** An event, live: what it is, and its places. */
export function EventPage({ first, places, description, at }: Props): ReactNode {
  const router = useRouter();
  const [read, setRead] = useState(first);
  const event = read.version > first.version ? read : first;
  const { live, load } = useStream<EventSummary>('/api/events/stream', {
    changes(changes) {
      if (changes.some(({ id, version }) => id === event.id && version > event.version)) void load();
    },
    async load() {
      const answer = await api<EventView>('GET', `/api/events/${first.id}`);
      if (answer.ok) setRead((now) => (answer.body.version >= now.version ? answer.body : now));
      // The server alone makes elements of it.
      if (answer.ok && answer.body.description !== first.description) router.refresh();
      return isFinal(answer);
    },
  });
  const now = useMinute(at);
  const state = standingOf(event, now);
  useTitle(tabTitleOf(event, state));
  const came = useRef<HTMLHeadingElement>(null);
  useFocusOn(came, state);
  const isOver = state === 'cancelled' || state === 'over';

  return (
    <article className={styles['event']}>
      <Picture event={event} gone={isOver} />
      <div className={styles['body']}>
        <div className={`${ui['stack']} ${styles['head']}`}>
          <p className={ui['row']} aria-live="polite">
            <Badge tone={WORDS[state].tone}>{WORDS[state].label}</Badge>
          </p>
          <h1 ref={came} tabIndex={-1} dir="auto" data-long={isLong(event.title)}>
            {event.title}
          </h1>
          <Said event={event} state={state} />
        </div>
        <Facts event={event} />
        {description !== undefined && (
          <section className={styles['description']} aria-labelledby="about">
            <h2 id="about">About it</h2>
            {description}
          </section>
        )}
      </div>
      {event.status !== 'draft' && (
        <Choice event={event} places={places} now={now} live={live} onStale={load} />
      )}
    </article>
  );
}

function Picture({ event: { id, pictures = [] }, gone }: { event: EventView; gone: boolean }): ReactNode {
  const largest = pictures.at(-1);
  return (
    <div className={styles['poster']} data-gone={gone}>
      {largest ? (
        <img
          src={largest.href}
          srcSet={pictures.map(({ href, width }) => `${href} ${width}w`).join(', ')}
          sizes="(min-width: 76rem) 71rem, 100vw"
          width={largest.width}
          height={largest.height}
          alt=""
        />
      ) : (
        <Art seed={id} />
      )}
    </div>
  );
}

/** What is not as it was announced. */
function Said({ event, state }: { event: EventView; state: Standing }): ReactNode {
  const { postponedFrom, returns, zone } = event;
  if (state === 'draft')
    return (
      <Notice>
        <p>Only its team sees it, until it is published; then its tickets are shown below.</p>
      </Notice>
    );
  if (state === 'cancelled')
    return (
      <Notice tone="bad">
        <p>It does not take place. Whoever paid for places gets the money back without asking.</p>
      </Notice>
    );
  if (state === 'over' || postponedFrom === undefined) return null;
  return (
    <Notice tone="warn">
      <p>
        It was to begin on <Time at={postponedFrom} zone={zone} />, and was postponed.
      </p>
      {returns && (
        <p>
          The organizer takes places back until <Time at={returns.until} zone={zone} />.
        </p>
      )}
    </Notice>
  );
}

/** When and where, by whom; and what to do with that. */
function Facts({ event }: { event: EventView }): ReactNode {
  const { id, venue, organizer, role } = event;
  const [name, ...address] = addressOf(venue);
  return (
    <section className={styles['facts']} aria-label="When and where">
      <dl>
        <div>
          <dt>When</dt>
          <dd>
            <When event={event} />
          </dd>
        </div>
        <div>
          <dt>Where</dt>
          <dd>
            <strong dir="auto">{name}</strong>
            {address.map((line, index) => (
              <span key={index} dir="auto">
                {line}
              </span>
            ))}
            <a href={mapOf(venue)} rel="noreferrer">
              See it on a map
            </a>
          </dd>
        </div>
        <div>
          <dt>By</dt>
          <dd>
            <strong dir="auto">{organizer.name}</strong>
            {organizer.address !== undefined && (
              <span dir="auto" className={styles['lines']}>
                {organizer.address}
              </span>
            )}
            {organizer.taxNumber !== undefined && (
              <span>
                <span>Tax number </span>
                <bdi>{organizer.taxNumber}</bdi>
              </span>
            )}
          </dd>
        </div>
      </dl>
      <div className={ui['row']}>
        <Share path={`/events/${id}`} title={event.title} />
        <a className={styles['calendar']} href={`/events/${id}/calendar.ics`}>
          Add to a calendar
        </a>
        {role !== undefined && role !== 'door' && (
          <Link href={`/organize/${id}`} prefetch={false}>
            Organize it
          </Link>
        )}
      </div>
    </section>
  );
}
