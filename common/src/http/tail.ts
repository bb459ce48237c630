import type { Log } from '../log.ts';
import type { Announced } from '../outbox.ts';
import type { Clock } from '../runtime.ts';
import { type ChangeFeed, placeAt, type Store } from '../store.ts';

/** The fallback while change streams fail: polling at this distance, in milliseconds. */
const POLL = 1000;
/** It begins so long before the change stream broke, in milliseconds. */
const OVERLAP = 10_000;

interface Settings<T extends Announced> {
  name: string;
  store: Store<T>;
  /** Fields that are not told. */
  without?: readonly string[];
  clock: Clock;
  log: Log;
  /** How many hear of it. */
  readers(): number;
  /** The token of the last change that is known, to go on after it. */
  last(): string | undefined;
  /** What changed, without a token where it was polled for. */
  take(token: string, document: T): void;
  /** The place was lost: what changed before the moment that it gives, nobody knows. */
  anew(): Date;
}

interface Tail {
  /** Aborted when it is over. */
  readonly signal: AbortSignal;
  end(): Promise<void>;
}

/** Follows a collection's change stream until `end`, after the last known change or from `since`; while it fails, polls. */
export function tail<T extends Announced>(
  since: Date,
  { name, store, without = [], clock, log, readers, last, take, anew }: Settings<T>,
): Tail {
  const over = new AbortController();
  const ended = () => over.signal.aborted;
  let feed: ChangeFeed<T> | undefined;

  const read = async (from: Date) => {
    const place = last();
    feed = store.watch({
      fields: ['updatedAt'],
      without: ['outbox', 'pending', ...without],
      // What is older than that would have the database look through hours in which nothing changed here.
      ...(place !== undefined && place >= placeAt(from) ? { resumeAfter: place } : { since: from }),
    });
    for await (const { token, document } of feed) {
      if (ended()) return;
      tell(token, document);
    }
  };

  /** What cannot be shown is our mistake, and keeps nothing else from being told. */
  const tell = (token: string, document: T) => {
    try {
      take(token, document);
    } catch (error) {
      log.error({ err: error, stream: name, id: document._id }, 'a change cannot be told');
    }
  };

  /** A database that writes much keeps its changes for less long: no bug, and nobody's loss where nobody reads. */
  const tellLost = () =>
    log[readers() > 0 ? 'warn' : 'info'](
      { stream: name, readers: readers() },
      'the database no longer has the changes after the last one that was seen; readers read anew',
    );

  const poll = async (since: Date): Promise<Date> => {
    const now = clock.now();
    const changed = await store
      .find({ updatedAt: { $gte: since } }, { sort: { updatedAt: 1 }, limit: 1000 })
      .catch(() => []);
    for (const document of changed) tell('', document);
    return changed.at(-1)?.updatedAt ?? now;
  };

  const follow = async () => {
    let from = since;
    let polledTo = new Date(0);
    while (!ended()) {
      let lost = true; // which a feed that ends by itself is, too: its collection was dropped
      try {
        await read(from);
      } catch (error) {
        lost = isLost(error);
        if (lost && !ended()) tellLost();
        else if (!ended())
          log.warn({ err: error, stream: name }, 'the change stream broke; polling until it is back');
      }
      if (ended()) return;
      // A database that writes much keeps less than that: asking for it again would fail for ever.
      if (lost) from = anew();
      const recently = new Date(clock.now().getTime() - OVERLAP);
      if (polledTo < recently) polledTo = recently;
      await clock.sleep(POLL, over.signal);
      if (!ended()) polledTo = await poll(polledTo);
    }
  };
  void follow();

  return {
    signal: over.signal,
    async end() {
      over.abort();
      await feed?.close().catch(() => undefined);
    },
  };
}

/** The database no longer has the change that we would go on after (ChangeStreamHistoryLost, ChangeStreamFatalError). */
const isLost = (error: unknown) => [280, 286].includes((error as { code?: number }).code ?? 0);
