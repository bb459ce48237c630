'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { useMinute } from '../api/clock.ts';
import type { EventSummary } from '../api/types.ts';
import { Begins } from '../events/when.tsx';
import { placeOf, standingOf, WORDS } from '../events/words.ts';
import { Art } from '../ui/art.tsx';
import { LinkButton } from '../ui/button.tsx';
import { Badge, Empty } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import { nextStep, type Stage, stageOf } from './checklist.ts';
import styles from './organize.module.css';

const STAGES: readonly [Stage, string][] = [
  ['draft', 'Drafts'],
  ['sale', 'On sale'],
  ['over', 'Over'],
  ['cancelled', 'Cancelled'],
];

interface Props {
  events: readonly EventSummary[];
  /** Where there are more of them. */
  next: string | undefined;
  /** The server's clock when it answered, in milliseconds. */
  at: number;
}

/** The events of whose team somebody is, each with what is to be done next. */
export function OwnEvents({ events, next, at }: Props): ReactNode {
  const now = useMinute(at);
  const older = next === undefined ? null : new URLSearchParams(next.split('?')[1]).get('cursor');
  if (events.length === 0)
    return (
      <Empty title="You have no events yet">
        <p>Say what it is, when and where, and what a ticket costs. Nobody sees it until you publish it.</p>
        <LinkButton href="/organize/new">New event</LinkButton>
      </Empty>
    );
  return (
    <div className={ui['stack']}>
      {STAGES.map(([stage, title]) => {
        const there = events.filter((event) => stageOf(event, now) === stage);
        return (
          there.length > 0 && (
            <section key={stage} aria-labelledby={stage} className={styles['stage']}>
              <h2 id={stage}>{title}</h2>
              <ul className={styles['events']}>
                {there.map((event) => (
                  <li key={event.id}>
                    <Entry event={event} now={now} />
                  </li>
                ))}
              </ul>
            </section>
          )
        );
      })}
      {older !== null && (
        <p>
          <Link href={`/organize?cursor=${encodeURIComponent(older)}`}>Earlier events</Link>
        </p>
      )}
    </div>
  );
}

function Entry({ event, now }: { event: EventSummary; now: number }): ReactNode {
  const { label, tone } = WORDS[standingOf(event, now)];
  const picture = event.pictures?.[0];
  return (
    <Link href={`/organize/${event.id}`} prefetch={false} className={styles['entry']}>
      <div className={styles['thumb']}>
        {picture ? <img src={picture.href} alt="" loading="lazy" /> : <Art seed={event.id} />}
      </div>
      <div className={styles['what']}>
        <h3>
          <bdi>{event.title}</bdi>
        </h3>
        <p className={ui['hint']}>
          <Begins event={event} />
        </p>
        <p className={ui['hint']}>{placeOf(event)}</p>
      </div>
      <div className={styles['state']}>
        <Badge tone={tone}>{label}</Badge>
        <span className={styles['next']}>{nextStep(event, now)}</span>
      </div>
    </Link>
  );
}
