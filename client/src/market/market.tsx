'use client';

import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import { api } from '../api/browser.ts';
import type { Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { usePerson } from '../session/keeper.tsx';
import { Button, LinkButton } from '../ui/button.tsx';
import { Empty, Notice } from '../ui/parts.tsx';
import { Card } from './card.tsx';
import { append, type Listing, renew, take } from './list.ts';
import styles from './market.module.css';
import { listPath, type Search } from './query.ts';
import { type Shown, useEndReached, useShown } from './window.ts';

/** Tickets of a page that is read on; and at most so many are read again after a lost connection. */
const STEP = 100;
const AGAIN = 1000;

/** Where a visitor was who comes back to the very page that is kept: its first tickets are the same object then. */
const kept = new WeakMap<Listing, { listing: Listing; shown: Shown }>();

/** The tickets that a search found: live, and endless. */
export function Market({
  search,
  first,
  more,
}: {
  search: Search;
  first: Listing;
  more: string | undefined;
}): ReactNode {
  const person = usePerson();
  const before = kept.get(first);
  const [listing, setListing] = useState(before?.listing ?? first);
  const [problem, setProblem] = useState('');
  const grid = useRef<HTMLUListElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const loading = useRef(false);
  const missed = useRef(false);
  const meanwhile = useRef<Ticket[]>([]);
  const { tickets, next } = listing;
  const shown = useShown(
    grid,
    tickets.length,
    before?.shown ?? { start: 0, end: tickets.length, before: 0, after: 0 },
  );

  useEffect(() => {
    kept.set(first, { listing, shown });
  }, [first, listing, shown]);

  /** Runs one reading at a time; what the stream brings meanwhile is newer than what is read. */
  const reading = async (work: () => Promise<((now: Listing) => Listing) | string>) => {
    if (loading.current) return;
    loading.current = true;
    meanwhile.current = [];
    const outcome = await work();
    loading.current = false;
    if (typeof outcome === 'string') return setProblem(outcome);
    setProblem('');
    const news = meanwhile.current;
    setListing((now) => take(outcome(now), news, search));
  };

  const readOn = async () => {
    if (next === undefined) return;
    await reading(async () => {
      const page = await api<Ticket[]>('GET', next.replace(/limit=\d+/, `limit=${STEP}`));
      return page.ok ? (now) => append(now, page.body, page.next) : page.detail;
    });
  };

  const readAgain = () =>
    void reading(async () => {
      let all: Listing = {
        tickets: [],
        next: listPath(search, Math.min(200, Math.max(STEP, tickets.length))),
      };
      const wanted = Math.min(tickets.length, AGAIN);
      do {
        const page = await api<Ticket[]>('GET', all.next ?? '');
        if (!page.ok) return page.detail;
        all = append(all, page.body, page.next);
      } while (all.next !== undefined && all.tickets.length < wanted);
      return (now) => renew(now, all, search);
    });

  const again = useEffectEvent(readAgain);
  const live = useStream<Ticket>('/api/tickets/stream', {
    changes(changes) {
      if (loading.current) meanwhile.current.push(...changes);
      setListing((now) => take(now, changes, search));
    },
    load() {
      if (loading.current) missed.current = true;
      else readAgain();
    },
  });
  // What may have been missed while the page was reading on is read after that.
  useEffect(() => {
    if (!missed.current || loading.current) return;
    missed.current = false;
    again();
  }, [listing]);
  useEndReached(end, tickets, () => problem || void readOn());

  if (tickets.length === 0)
    return (
      <div role="status">
        <Nothing search={search} />
      </div>
    );
  return (
    <>
      {!live && (
        <Notice tone="warn">
          <p>Not connected at the moment. What you see may have changed.</p>
        </Notice>
      )}
      <p className="hidden" role="status">
        {next === undefined ? tickets.length : `More than ${first.tickets.length}`} tickets
      </p>
      <ul ref={grid} className={styles['grid']} style={padding(shown)}>
        {tickets.slice(shown.start, shown.end).map((ticket, index) => (
          <Card
            key={ticket.id}
            ticket={ticket}
            mine={ticket.sellerId === person?.id}
            place={shown.start + index + 1}
            of={next === undefined ? tickets.length : -1}
          />
        ))}
      </ul>
      <div ref={end} className={styles['end']}>
        {problem && (
          <Notice tone="bad" alert>
            <p>{problem}.</p>
            <Button quiet small onClick={() => void readOn()}>
              Try again
            </Button>
          </Notice>
        )}
        {next !== undefined && more !== undefined && (
          <noscript>
            <LinkButton href={more} quiet>
              More tickets
            </LinkButton>
          </noscript>
        )}
      </div>
    </>
  );
}

// None as long as all are shown, as on the server: an inline style in a page is refused by its policy.
const padding = ({ before, after }: Shown) =>
  before + after === 0 ? undefined : { paddingTop: before, paddingBottom: after };

const Nothing = ({ search: { q, min, max, available } }: { search: Search }): ReactNode =>
  q || min || max || available ? (
    <Empty title="No ticket fits">
      <p>Try fewer words, or another price.</p>
      <LinkButton href="/" quiet>
        Show all tickets
      </LinkButton>
    </Empty>
  ) : (
    <Empty title="No tickets yet">
      <p>Be the first who puts one on sale.</p>
      <LinkButton href="/sell">Sell a ticket</LinkButton>
    </Empty>
  );
