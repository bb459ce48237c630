'use client';

import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import { isFinal, type Problem } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import { useStream } from '../live/stream.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { NotLive, Notice } from '../ui/parts.tsx';
import styles from './finding.module.css';
import { append, type Listing, type Rules, take } from './listing.ts';
import { type Shown, useEndReached, useShown } from './window.ts';

/** Items of a page that is read on. */
const STEP = 100;
/** Items that are asked for by their ids, at most. */
const MOST = 50;
/** What news only say to have changed is asked for after so long, all of it together; not by all visitors at once. */
const pause = () => 150 + 350 * Math.random();
/** So often it is asked for in vain, each time after twice as long, before all is read again. */
const VAIN = 4;

interface Kept {
  listing: Listing<never>;
  shown: Shown;
}
/** Where a visitor was who comes back to the very page that is kept: its first items are the same object then. */
const kept = new WeakMap<object, Kept>();

interface Props<T, C> {
  first: Listing<T>;
  /** Where it is read anew, so many at a time. */
  path: (limit: number) => string;
  stream: string;
  rules: Rules<T, C>;
  /** Where items of these ids are read, of which news are `unsure`. */
  only?: (ids: readonly string[]) => string;
  /** What one is called, and several are. */
  called: readonly [string, string];
  card: (item: T, place: number, of: number) => ReactNode;
  nothing: ReactNode;
  /** How many were found, where that is known. */
  found?: string | undefined;
  /** The next page for a browser without scripts. */
  more: string | undefined;
}

/** What a search found: live, and endless. */
export function Endless<T extends { id: string }, C = T>({
  first,
  path,
  stream,
  rules,
  only,
  called: [one, several],
  card,
  nothing,
  found,
  more,
}: Props<T, C>): ReactNode {
  const before = kept.get(first);
  const [listing, setListing] = useState<Listing<T>>(before?.listing ?? first);
  const [problem, setProblem] = useState('');
  const grid = useRef<HTMLUListElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const turn = useRef<Promise<Problem | undefined>>(Promise.resolve(undefined));
  const meanwhile = useRef<C[]>(undefined);
  /** News that the list has taken, as far as they tell it: what else they say is looked at when it stands. */
  const taken = useRef<C[]>([]);
  const unsure = useRef(new Map<string, T>());
  const asking = useRef<{ timer?: ReturnType<typeof setTimeout>; vain: number }>({ vain: 0 });
  const { items, next } = listing;
  const shown = useShown(
    grid,
    items.length,
    before?.shown ?? { start: 0, end: items.length, before: 0, after: 0 },
  );

  useEffect(() => {
    kept.set(first, { listing: listing as Listing<never>, shown });
  }, [first, listing, shown]);

  /** Runs one reading at a time; what the stream brings meanwhile is newer than what is read. */
  const reading = (work: () => Promise<((now: Listing<T>) => Listing<T>) | Problem>) =>
    (turn.current = turn.current.then(async () => {
      meanwhile.current = [];
      const outcome = await work();
      const news = meanwhile.current;
      meanwhile.current = undefined;
      if (typeof outcome !== 'function') return outcome;
      setProblem('');
      taken.current.push(...news);
      setListing((now) => {
        const then = outcome(now);
        return take(then, rules.told(news, then), rules);
      });
      return undefined;
    }));

  const readOn = async () => {
    if (next === undefined || meanwhile.current) return;
    const problem = await reading(async () => {
      const page = await api<T[]>('GET', next.replace(/limit=\d+/, `limit=${STEP}`));
      if (!page.ok) return page;
      return (now) => (now.next === next ? append(now, page.body, page.next) : now);
    });
    if (problem) setProblem(problem.detail);
  };

  /** As far as the visitor sees: so the place stays, and what lies behind it is read when it is scrolled to. */
  const readAgain = async () => {
    const problem = await reading(async () => {
      let all: Listing<T> = { items: [], next: path(STEP) };
      do {
        const page = await api<T[]>('GET', all.next ?? '');
        if (!page.ok) return page;
        all = append(all, page.body, page.next);
      } while (all.next !== undefined && all.items.length < (kept.get(first)?.shown.end ?? 0));
      return () => all;
    });
    return !problem || isFinal(problem);
  };

  const { live, load } = useStream<C>(stream, {
    changes(changes) {
      meanwhile.current?.push(...changes);
      taken.current.push(...changes);
      setListing((now) => take(now, rules.told(changes, now), rules));
    },
    load: readAgain,
  });

  /** After what is being read: so its answer is the newest. */
  const ask = async () => {
    let asked: T[] = [];
    const problem = await reading(async () => {
      asked = [...unsure.current.values()].slice(0, MOST);
      if (asked.length === 0) return (now) => now;
      for (const { id } of asked) unsure.current.delete(id);
      const answer = await api<T[]>('GET', only?.(asked.map(({ id }) => id)) ?? '');
      if (!answer.ok) return answer;
      const there = new Map(answer.body.map((item) => [item.id, item]));
      return (now) =>
        take(
          now,
          asked.map((item) => there.get(item.id) ?? item),
          rules,
        );
    });
    asking.current.vain = problem ? asking.current.vain + 1 : 0;
    if (problem && asking.current.vain < VAIN)
      for (const item of asked) if (!unsure.current.has(item.id)) unsure.current.set(item.id, item);
    if (problem && asking.current.vain === VAIN) void load();
    askSoon();
  };
  const askSoon = () => {
    if (asking.current.timer !== undefined || unsure.current.size === 0) return;
    asking.current.timer = setTimeout(
      () => {
        delete asking.current.timer;
        void ask();
      },
      pause() * 2 ** Math.min(asking.current.vain, VAIN),
    );
  };
  const look = useEffectEvent(() => {
    for (const item of rules.unsure?.(taken.current.splice(0), listing) ?? [])
      unsure.current.set(item.id, item);
    askSoon();
  });
  useEffect(() => look(), [listing]);
  useEffect(() => () => clearTimeout(asking.current.timer), []);
  useEndReached(end, items, () => problem || void readOn());

  if (items.length === 0 && next === undefined)
    return (
      <>
        <NotLive live={live} />
        <div role="status">{nothing}</div>
      </>
    );
  return (
    <>
      <NotLive live={live} />
      <p className={styles['count']} role="status">
        {next === undefined
          ? `${items.length} ${items.length === 1 ? one : several}`
          : (found ?? `More than ${first.items.length} ${several}`)}
      </p>
      <ul ref={grid} className={styles['grid']} style={padding(shown)}>
        {items
          .slice(shown.start, shown.end)
          .map((item, index) => card(item, shown.start + index + 1, next === undefined ? items.length : -1))}
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
              {`More ${several}`}
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
