import type { Request, Response } from 'express';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Announced } from '../outbox.ts';
import type { Clock, Random } from '../runtime.ts';
import type { ChangeFeed, Store } from '../store.ts';
import type { Caller } from './session.ts';

/** How often it is looked whose token has expired, in milliseconds. */
const EXPIRY = 250;
const HEARTBEAT = 15_000;
/** Readers written to in one go: thousands would keep whatever else this process has to answer waiting. */
const AT_ONCE = 250;
/** Remembered for readers that come back; one that was away for longer is told to reload. */
const MEMORY = 5000;
/** Forgotten at once, as cutting one off moves all the others. */
const SLACK = 500;
/** How far back a new process starts to read, so that readers of the one before find their place, in milliseconds. */
const LOOK_BACK = 60_000;
/** A reader with more than this unsent, in bytes, is dropped; it comes back and catches up. */
const MAX_UNSENT = 1_000_000;
/** The fallback while change streams fail: polling at this distance, in milliseconds. */
const POLL = 1000;

interface Reader {
  res: Response;
  audience: string | undefined;
  until: Date | undefined;
}

interface Seen {
  token: string;
  audience: string | undefined;
  /** As text, which the garbage collector passes over faster than objects. */
  text: string;
}

export interface Stream {
  /**
   * Answers with server-sent events: `change` with a view as data, `reload` when the reader missed too much. A caller
   * gets what is theirs until their access token expires: a browser then comes back by itself, with its next one.
   */
  serve(req: Request, res: Response, caller?: Pick<Caller, 'id' | 'expiresAt'>): 'done';
  /** Runs until `close`. */
  start(): void;
  close(): Promise<void>;
}

interface Settings<T> {
  name: string;
  store: Store<T & Announced>;
  view(document: T & Announced): object;
  /** Whose change it is; readers with an audience see only theirs. */
  audience?(document: T & Announced): string;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
}

/**
 * Server-sent events of what changes in a collection. Each process tails its database's change stream, so replicas
 * need no fan-out between them, and a reader may come back to another one: the token in `id:` is the same everywhere.
 */
export function changes<T>({
  name,
  store,
  view,
  audience,
  clock,
  random,
  log,
  metrics,
}: Settings<T>): Stream {
  const readers = new Set<Reader>();
  const memory: Seen[] = [];
  let waiting = new Map<string, Seen>();
  let sending: Promise<void> | undefined;
  let feed: ChangeFeed<T & Announced> | undefined;
  const stopped = new AbortController();

  const take = (token: string, document: T & Announced) => {
    const seen = {
      token,
      audience: audience?.(document),
      text: `${token && `id: ${token}\n`}event: change\ndata: ${JSON.stringify(view(document))}\n\n`,
    };
    if (token) memory.push(seen);
    if (memory.length > MEMORY + SLACK) memory.splice(0, SLACK);
    waiting.delete(document._id); // to its end: ids must not go back, or a reader cut off in between misses one
    waiting.set(document._id, seen);
    sending ??= sendWaiting();
  };

  const send = (reader: Reader, text: string) => {
    if (reader.res.writableEnded) return;
    if (reader.res.writableLength > MAX_UNSENT) {
      metrics.count('streams_dropped_total', { stream: name });
      reader.res.destroy();
    } else reader.res.write(text);
  };

  const leave = (reader: Reader) => {
    if (readers.delete(reader)) metrics.gauge('streams_open', { stream: name }, readers.size);
  };

  const endExpired = () => {
    const now = clock.now();
    for (const reader of readers) {
      if (!reader.until || now < reader.until) continue;
      leave(reader);
      reader.res.end();
    }
  };

  /** Once for all that the feed gives at a time: it is the feed that gathers. */
  const sendWaiting = async () => {
    while (waiting.size > 0 && !stopped.signal.aborted) {
      await new Promise(setImmediate);
      await broadcast();
    }
    sending = undefined;
  };

  const broadcast = async () => {
    const batch = [...waiting.values()];
    waiting = new Map();
    if (readers.size === 0) return;
    const theirs = new Map<string | undefined, string>();
    for (const { audience, text } of batch) theirs.set(audience, (theirs.get(audience) ?? '') + text);
    let sent = 0;
    for (const reader of [...readers]) {
      const text = theirs.get(reader.audience);
      if (!text || !readers.has(reader)) continue;
      send(reader, text);
      sent += 1;
      if (sent % AT_ONCE === 0) await new Promise(setImmediate);
      if (stopped.signal.aborted) return;
    }
  };

  const tail = async (from: { resumeAfter: string } | { since: Date }) => {
    feed = store.watch({ fields: ['updatedAt'], ...from });
    for await (const { token, document } of feed) take(token, document);
  };

  /** Follows the change stream; while it fails, polls for what changed, and says `reload` where the place was lost. */
  const follow = async () => {
    let polledTo = clock.now();
    let lookBack = LOOK_BACK;
    const ended = () => stopped.signal.aborted;
    while (!ended()) {
      const last = memory.at(-1)?.token;
      let lost = true; // which a feed that ends by itself is, too: its collection was dropped
      try {
        await tail(
          last === undefined ? { since: new Date(clock.now().getTime() - lookBack) } : { resumeAfter: last },
        );
      } catch (error) {
        lost = isLost(error);
        if (!ended())
          log.warn({ err: error, stream: name }, 'the change stream broke; polling until it is back');
      }
      if (ended()) return;
      if (lost) {
        // A database that writes much keeps less than that: asking for it again would fail for ever.
        lookBack = 0;
        memory.length = 0;
        for (const reader of readers) send(reader, RELOAD);
      }
      await clock.sleep(POLL, stopped.signal);
      if (!ended()) polledTo = await poll(polledTo);
    }
  };

  const poll = async (since: Date): Promise<Date> => {
    const now = clock.now();
    const changed = await store
      .find({ updatedAt: { $gte: since } }, { sort: { updatedAt: 1 }, limit: 1000 })
      .catch(() => []);
    for (const document of changed) take('', document);
    return changed.at(-1)?.updatedAt ?? now;
  };

  const every = async (ms: number, work: () => void) => {
    while (!stopped.signal.aborted) {
      await clock.sleep(ms, stopped.signal);
      work();
    }
  };

  const heartbeat = () => {
    for (const reader of readers) send(reader, ': heartbeat\n\n');
  };

  /** What a returning reader missed, or `reload`. */
  const catchUp = (reader: Reader, token: string): string => {
    const oldest = memory[0]?.token;
    if (oldest === undefined || token < oldest) return RELOAD;
    const missed = textFor(
      memory.filter((seen) => seen.token > token),
      reader.audience,
    );
    return missed.length > MAX_UNSENT ? RELOAD : missed;
  };

  return {
    start() {
      void follow();
      void every(EXPIRY, endExpired);
      void every(HEARTBEAT, heartbeat);
    },
    serve(req, res, caller) {
      const reader = { res, audience: audience && caller?.id, until: caller?.expiresAt };
      res.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        Connection: 'keep-alive',
        'X-Accel-Buffering': 'no',
      });
      const token = req.headers['last-event-id'];
      const now = memory.at(-1)?.token;
      const start = typeof token === 'string' && token !== '' ? catchUp(reader, token) : '';
      res.write(
        `retry: ${2000 + Math.round(1000 * random())}\n${start === '' && now !== undefined ? `id: ${now}\n` : ''}: open\n\n${start}`,
      );
      readers.add(reader);
      metrics.gauge('streams_open', { stream: name }, readers.size);
      res.on('close', () => leave(reader));
      return 'done';
    },
    async close() {
      stopped.abort();
      await feed?.close();
      for (const { res } of readers) res.end();
    },
  };
}

const RELOAD = 'event: reload\ndata: {}\n\n';

const textFor = (seen: readonly Seen[], audience: string | undefined) =>
  seen
    .filter((one) => audience === undefined || one.audience === audience)
    .map(({ text }) => text)
    .join('');

/** The database no longer has the change that we would go on after (ChangeStreamHistoryLost, ChangeStreamFatalError). */
const isLost = (error: unknown) => [280, 286].includes((error as { code?: number }).code ?? 0);
