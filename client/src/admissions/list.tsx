'use client';

import Link from 'next/link';
import { type ReactNode, useEffect, useState } from 'react';
import { type Answer, isFinal, type Problem } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useMinute } from '../api/clock.ts';
import type { Admission, AdmissionNews } from '../api/types.ts';
import { Begins } from '../events/when.tsx';
import { placeOf } from '../events/words.ts';
import { useStream } from '../live/stream.ts';
import { usePerson } from '../session/keeper.tsx';
import { Button, LinkButton } from '../ui/button.tsx';
import { Badge, Empty, NotLive, Refusal } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import styles from './admissions.module.css';
import { keep } from './keep.ts';
import { COMING } from './paths.ts';
import { byEvent, groupOf, GROUPS, isOver, placeText, statusOf } from './words.ts';

interface Props {
  coming: readonly Admission[];
  past: readonly Admission[];
  /** Where there are more of those that are over. */
  earlier: string | undefined;
  /** The server's clock when it answered, in milliseconds. */
  at: number;
}

/** What somebody may enter with: today, in time to come, and what was; live. */
export function MyTickets({ coming, past, earlier, at }: Props): ReactNode {
  const by = usePerson()?.id;
  const now = useMinute(at);
  const [tickets, setTickets] = useState<readonly Admission[]>([...coming, ...past]);
  const [more, setMore] = useState(earlier);
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    if (by !== undefined) keep(by, tickets);
  }, [by, tickets]);

  const read = async () => {
    const found: Admission[] = [];
    for (let path: string | undefined = COMING; path !== undefined;) {
      const answer: Answer<Admission[]> = await api<Admission[]>('GET', path);
      if (!answer.ok) return isFinal(answer);
      found.push(...answer.body);
      path = answer.next;
    }
    setTickets((before) => [...found, ...before.filter(({ event }) => isOver(event, Date.now()))]);
    return true;
  };
  const { live, load } = useStream<AdmissionNews>('/api/admissions/stream', {
    changes(changes) {
      const gone = new Set(changes.filter(({ status }) => status === 'gone').map(({ id }) => id));
      setTickets((before) => before.filter(({ id }) => !gone.has(id)));
      void load();
    },
    load: read,
  });
  const readOn = async () => {
    if (more === undefined) return;
    const answer = await api<Admission[]>('GET', more);
    setProblem(answer.ok ? undefined : answer);
    if (!answer.ok) return;
    setTickets((before) => [...before, ...answer.body]);
    setMore(answer.next);
  };

  if (tickets.length === 0)
    return (
      <>
        <NotLive live={live} />
        <Empty title="You have no tickets yet">
          <p>What you buy for an event, or take from a friend, stands here with the code that lets you in.</p>
          <div className={ui['row']}>
            <LinkButton href="/">See what’s on</LinkButton>
            <LinkButton href="/orders" prefetch={false} quiet>
              Your orders
            </LinkButton>
          </div>
        </Empty>
      </>
    );
  return (
    <div className={styles['groups']}>
      <NotLive live={live} />
      {GROUPS.map(([group, title]) => {
        const events = byEvent(tickets.filter((ticket) => groupOf(ticket, now) === group));
        if (group === 'past') events.reverse();
        return (
          events.length > 0 && (
            <section key={group} aria-labelledby={group} className={ui['stack']}>
              <h2 id={group}>{title}</h2>
              {events.map((held) => (
                <OfEvent key={held[0].event.id} held={held} />
              ))}
            </section>
          )
        );
      })}
      <Refusal why={problem && `${problem.detail}.`} />
      {more !== undefined && (
        <div>
          <Button quiet onClick={() => void readOn()}>
            {problem ? 'Try again' : 'Earlier tickets'}
          </Button>
        </div>
      )}
    </div>
  );
}

/** The tickets of one event. */
function OfEvent({ held }: { held: readonly [Admission, ...Admission[]] }): ReactNode {
  const [{ event }] = held;
  return (
    <article className={styles['event']} aria-labelledby={`event-${event.id}`}>
      <div>
        <h3 id={`event-${event.id}`} dir="auto">
          {event.title}
        </h3>
        <p className={ui['muted']}>
          <Begins event={event} />
        </p>
        <p className={ui['muted']} dir="auto">
          {placeOf(event)}
        </p>
        {event.status === 'cancelled' ? (
          <Badge tone="bad">Cancelled</Badge>
        ) : (
          event.postponedFrom !== undefined && <Badge tone="warn">Postponed</Badge>
        )}
      </div>
      <ul>
        {held.map((ticket, index) => (
          <li key={ticket.id}>
            <Entry ticket={ticket} number={held.length > 1 && index + 1} />
          </li>
        ))}
      </ul>
    </article>
  );
}

/** A ticket of several, and the way to its code. */
export function Entry({ ticket, number }: { ticket: Admission; number: number | false }): ReactNode {
  const { label, tone } = statusOf(ticket);
  return (
    <Link href={`/my-tickets/${ticket.id}`} prefetch={false} className={styles['entry']}>
      <span>
        <span>{number === false ? placeText(ticket) : `${number}. ${placeText(ticket)}`}</span>
        {ticket.name !== undefined && (
          <span>
            {' '}
            <bdi className={ui['muted']}>{ticket.name}</bdi>
          </span>
        )}
        {ticket.offered !== undefined && <span className={ui['muted']}> A link to hand it on is open</span>}
      </span>
      <Badge tone={tone}>{label}</Badge>
    </Link>
  );
}
