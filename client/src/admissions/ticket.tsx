'use client';

import Link from 'next/link';
import { type ReactNode, useEffect, useState } from 'react';
import { isFinal } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useMinute } from '../api/clock.ts';
import type { Admission, AdmissionNews } from '../api/types.ts';
import { addressOf, mapOf } from '../events/address.ts';
import { When } from '../events/when.tsx';
import { useStream } from '../live/stream.ts';
import { usePerson } from '../session/keeper.tsx';
import { forgetTicket } from '../session/kept.ts';
import { LinkButton } from '../ui/button.tsx';
import { isLong, isolated } from '../ui/format.ts';
import { useTitle } from '../ui/here.ts';
import { Badge, NotLive } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import styles from './admissions.module.css';
import { Gone } from './gone.tsx';
import { HandOn } from './hand-on.tsx';
import { keep } from './keep.ts';
import { Name } from './name.tsx';
import { COMING, PAST } from './paths.ts';
import { Shown } from './shown.tsx';
import { Standing } from './standing.tsx';
import { Beside, useTurning } from './turning.tsx';
import { inOrder, isFree, isOver, statusOf } from './words.ts';

interface Props {
  first: Admission;
  /** What the same person holds besides. */
  beside: readonly Admission[];
  /** The server's clock when it answered, in milliseconds. */
  at: number;
}

/** One ticket, live: the code for the door, whose it is, and what can be done with it. */
export function TicketOfMine({ first, beside, at }: Props): ReactNode {
  const by = usePerson()?.id;
  const now = useMinute(at);
  const [ticket, setTicket] = useState<Admission | undefined>(first);
  const [held, setHeld] = useState(beside);
  const { id, event } = ticket ?? first;
  const ofEvent = held.filter((one) => one.event.id === event.id && one.id !== id);
  const all = [...ofEvent, ...(ticket ? [ticket] : [])].sort(inOrder);
  useEffect(() => {
    if (by === undefined) return;
    keep(by, all, event.id);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what they are made of
  }, [by, ticket, held]);

  const gone = () => {
    setTicket(undefined);
    forgetTicket(id);
  };
  const read = async () => {
    const [own, others] = await Promise.all([
      api<Admission>('GET', `/api/admissions/${id}`),
      api<Admission[]>('GET', isOver(event, Date.now()) ? PAST : COMING),
    ]);
    if (own.ok) setTicket(own.body);
    else if (own.status === 404) gone();
    if (others.ok) setHeld(others.body);
    return isFinal(own) && isFinal(others);
  };
  const { live, load } = useStream<AdmissionNews>('/api/admissions/stream', {
    changes(changes) {
      const ours = changes.filter((news) => news.eventId === event.id);
      if (ours.some((news) => news.id === id && news.status === 'gone')) gone();
      else if (ours.length > 0) void load();
    },
    load: read,
  });
  const turning = useTurning(all, id);
  const title = isolated(event.title);
  const { label, tone } = statusOf(ticket ?? first);
  useTitle(`${ticket ? label : 'Not yours'} · ${title}`);

  if (!ticket)
    return (
      <div role="status">
        <Gone level={1} />
      </div>
    );
  const free = isFree(ticket, now);
  const path = `/api/admissions/${id}`;
  return (
    <article className={styles['ticket']} {...turning.swipe}>
      <div className={styles['top']}>
        <h1 dir="auto" data-long={isLong(title)}>
          {event.title}
        </h1>
        <div role="status">
          <Badge tone={tone}>{label}</Badge>
        </div>
      </div>
      <NotLive live={live}>What you see is as it was.</NotLive>
      <Beside all={all} {...turning} />
      <Shown ticket={ticket} />
      <Standing ticket={ticket} />
      <section className={ui['panel']} aria-labelledby="when">
        <h2 id="when">When and where</h2>
        <When event={event} />
        <p dir="auto">{addressOf(event.venue).join(', ')}</p>
        <p className={ui['row']}>
          <Link href={`/events/${event.id}`} prefetch={false}>
            See the event
          </Link>
          <a href={mapOf(event.venue)} rel="noreferrer">
            See it on a map
          </a>
          <a href={`${path}/calendar`}>Add to a calendar</a>
        </p>
      </section>
      <Name key={ticket.name} ticket={ticket} now={now} onChange={load} />
      {free && <HandOn ticket={ticket} onChange={load} />}
      <div className={ui['row']}>
        {ticket.code !== undefined && (
          <a href={`${path}/pdf`} className={ui['muted']}>
            Ticket as a PDF
          </a>
        )}
        {free && ticket.offer && (
          <LinkButton href={`/my-tickets/give-back?ticket=${id}`} prefetch={false} quiet small>
            Give it back
          </LinkButton>
        )}
        {ticket.orderId !== undefined && (
          <Link href={`/orders/${ticket.orderId}`} prefetch={false} className={ui['muted']}>
            Its order
          </Link>
        )}
        <Link href="/my-tickets" prefetch={false} className={ui['muted']}>
          My tickets
        </Link>
      </div>
    </article>
  );
}
