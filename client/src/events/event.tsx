'use client';

import { useRouter } from 'next/navigation';
import { memo, type ReactNode, useRef, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useMinute } from '../api/clock.ts';
import type { EventSummary, EventView } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { Art } from '../ui/art.tsx';
import { isLong } from '../ui/format.ts';
import { useFocusOn, useTitle } from '../ui/here.ts';
import { Badge } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import { Choice } from './choice.tsx';
import { leftOf } from './counts.ts';
import styles from './event.module.css';
import { Facts } from './facts.tsx';
import { useHall } from './hall.ts';
import { leftOfEach, type PlacesNews } from './left.ts';
import { Said } from './said.tsx';
import { tabTitleOf } from './title.ts';
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
  if (event.status === 'draft')
    return <Shown event={event} description={description} state="draft" now={now} />;
  return (
    <Sold event={event} description={description} places={places} now={now} live={live} onStale={load} />
  );
}

interface ShownProps {
  event: EventView;
  description: ReactNode;
  now: number;
}

/** One whose places are told: how it stands with it follows them. */
function Sold({
  places,
  live,
  onStale,
  ...shown
}: ShownProps & { places: PlacesNews | undefined; live: boolean; onStale(): Promise<void> }): ReactNode {
  const { event, now } = shown;
  const { hall, live: isTold, load } = useHall(event.id, places);
  const left = leftOf(leftOfEach(hall, event.pools), event.tiers);
  return (
    <Shown {...shown} state={standingOf(event, now, left)}>
      <Choice
        event={event}
        hall={hall}
        now={now}
        live={live && isTold}
        onStale={() => Promise.all([load(), onStale()])}
      />
    </Shown>
  );
}

function Shown({
  event,
  description,
  now,
  state,
  children,
}: ShownProps & { state: Standing; children?: ReactNode }): ReactNode {
  useTitle(tabTitleOf(event, state));
  const came = useRef<HTMLHeadingElement>(null);
  useFocusOn(came, state);
  return (
    <article className={styles['event']}>
      <Picture event={event} gone={state === 'cancelled' || state === 'over'} />
      <div className={styles['body']}>
        <div className={`${ui['stack']} ${styles['head']}`}>
          <p className={ui['row']} aria-live="polite">
            <Badge tone={WORDS[state].tone}>{WORDS[state].label}</Badge>
          </p>
          <h1 ref={came} tabIndex={-1} dir="auto" data-long={isLong(event.title)}>
            {event.title}
          </h1>
          <Said event={event} state={state} now={now} />
        </div>
        <Facts event={event} />
        {description !== undefined && (
          <section className={styles['description']} aria-labelledby="about">
            <h2 id="about">About it</h2>
            {description}
          </section>
        )}
      </div>
      {children}
    </article>
  );
}

const Picture = memo(function Picture({
  event: { id, pictures = [] },
  gone,
}: {
  event: EventView;
  gone: boolean;
}): ReactNode {
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
});
