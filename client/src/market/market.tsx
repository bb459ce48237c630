'use client';

import { type ReactNode, useEffect, useRef, useState } from 'react';
import { isFinal, type Problem } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { usePerson } from '../session/keeper.tsx';
import { Button, LinkButton } from '../ui/button.tsx';
import { Empty, NotLive, Notice } from '../ui/parts.tsx';
import { Card } from './card.tsx';
import { append, type Listing, take } from './list.ts';
import styles from './market.module.css';
import { hasLoneLetter, listPath, type Search } from './query.ts';
import { type Shown, useEndReached, useShown } from './window.ts';

/** Tickets of a page that is read on. */
const STEP = 100;

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
  const turn = useRef<Promise<Problem | undefined>>(Promise.resolve(undefined));
  const meanwhile = useRef<Ticket[]>(undefined);
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
  const reading = (work: () => Promise<((now: Listing) => Listing) | Problem>) =>
    (turn.current = turn.current.then(async () => {
      meanwhile.current = [];
      const outcome = await work();
      const news = meanwhile.current;
      meanwhile.current = undefined;
      if (typeof outcome !== 'function') return outcome;
      setProblem('');
      setListing((now) => take(outcome(now), news, search));
      return undefined;
    }));

  const readOn = async () => {
    if (next === undefined || meanwhile.current) return;
    const problem = await reading(async () => {
      const page = await api<Ticket[]>('GET', next.replace(/limit=\d+/, `limit=${STEP}`));
      if (!page.ok) return page;
      return (now) => (now.next === next ? append(now, page.body, page.next) : now);
    });
    if (problem) setProblem(problem.detail);
  };

  /** As far as the visitor sees: so the place stays, and what lies behind it is read when it is scrolled to. */
  const readAgain = async () => {
    const problem = await reading(async () => {
      let all: Listing = { tickets: [], next: listPath(search, STEP) };
      do {
        const page = await api<Ticket[]>('GET', all.next ?? '');
        if (!page.ok) return page;
        all = append(all, page.body, page.next);
      } while (all.next !== undefined && all.tickets.length < (kept.get(first)?.shown.end ?? 0));
      return () => all;
    });
    return !problem || isFinal(problem);
  };

  const { live } = useStream<Ticket>('/api/tickets/stream', {
    changes(changes) {
      meanwhile.current?.push(...changes);
      setListing((now) => take(now, changes, search));
    },
    load: readAgain,
  });
  useEndReached(end, tickets, () => problem || void readOn());

  if (tickets.length === 0)
    return (
      <>
        <NotLive live={live} />
        <div role="status">
          <Nothing search={search} />
        </div>
      </>
    );
  return (
    <>
      <NotLive live={live} />
      <p className="hidden" role="status">
        {next === undefined
          ? `${tickets.length} ${tickets.length === 1 ? 'ticket' : 'tickets'}`
          : `More than ${first.tickets.length} tickets`}
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
            <p>{`${problem}.`}</p>
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
      <p>
        {hasLoneLetter(q)
          ? 'Words are found from their second letter on.'
          : 'Try fewer words, or another price.'}
      </p>
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
