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
/** And no more than so many bytes of it. */
const MEMORY_BYTES = 8_000_000;
/** Forgotten at once, as cutting one off moves all the others: a tenth. */
const KEPT = 0.9;
/** How far back a new process starts to read, so that readers of the one before find their place, in milliseconds. */
const LOOK_BACK = 60_000;
/** Nobody is sent more at a time, in bytes: the rest of a burst waits, a returning reader that missed more reloads. */
const PIECE = 64_000;
/** Between two pieces, in milliseconds. */
const PACE = 250;
/** A reader with more than this unsent, in bytes, is dropped; it comes back and catches up. */
const MAX_UNSENT = 4 * PIECE;
/** As much may be unsent to all of them; above it those with more than an equal part of it are dropped. */
const MAX_UNSENT_IN_ALL = 64_000_000;
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
  bytes: number;
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
  let remembered = 0;
  const waiting = new Map<string, Seen>();
  /** Unsent to all readers, in bytes, or less: it is weighed when it seems too much. */
  let unsent = 0;
  let sending: Promise<void> | undefined;
  let feed: ChangeFeed<T & Announced> | undefined;
  const stopped = new AbortController();

  const take = (token: string, document: T & Announced) => {
    const text = `${token && `id: ${token}\n`}event: change\ndata: ${JSON.stringify(view(document))}\n\n`;
    const seen = { token, audience: audience?.(document), text, bytes: Buffer.byteLength(text) };
    if (token) remember(seen);
    waiting.delete(document._id); // to its end: ids must not go back, or a reader cut off in between misses one
    waiting.set(document._id, seen);
    sending ??= sendWaiting();
  };

  const remember = (seen: Seen) => {
    memory.push(seen);
    remembered += seen.bytes;
    if (memory.length <= MEMORY && remembered <= MEMORY_BYTES) return;
    let gone = 0;
    while (memory.length - gone > MEMORY * KEPT || remembered > MEMORY_BYTES * KEPT)
      remembered -= memory[gone++]?.bytes ?? 0;
    memory.splice(0, gone);
  };

  const forget = () => {
    memory.length = 0;
    remembered = 0;
  };

  /** The same bytes for all readers, as each would keep its own copy of a text. */
  const send = (reader: Reader, data: Buffer) => {
    if (reader.res.writableEnded || reader.res.destroyed) return;
    if (reader.res.writableLength > 0 && reader.res.writableLength + data.length > MAX_UNSENT) {
      drop(reader);
      return;
    }
    reader.res.write(data);
    unsent += data.length;
    if (unsent > MAX_UNSENT_IN_ALL) relieve();
  };

  const drop = (reader: Reader) => {
    metrics.count('streams_dropped_total', { stream: name });
    reader.res.destroy();
    leave(reader);
  };

  const relieve = () => {
    unsent = [...readers].reduce((sum, { res }) => sum + res.writableLength, 0);
    if (unsent <= MAX_UNSENT_IN_ALL) return;
    const part = MAX_UNSENT_IN_ALL / readers.size;
    for (const reader of readers) if (reader.res.writableLength > part) drop(reader);
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

  /** Once for all that the feed gives at a time, as it is the feed that gathers; what is too much for that, later. */
  const sendWaiting = async () => {
    while (waiting.size > 0 && !stopped.signal.aborted) {
      await new Promise(setImmediate);
      await broadcast(nextPieces());
      if (waiting.size > 0) await clock.sleep(PACE, stopped.signal);
    }
    sending = undefined;
  };

  /** What each audience is sent now; what does not fit waits, and may be replaced by newer news of the same thing. */
  const nextPieces = () => {
    const pieces = new Map<string | undefined, { text: string; bytes: number; full: boolean }>();
    for (const [id, { audience, text, bytes }] of waiting) {
      const piece = pieces.get(audience) ?? { text: '', bytes: 0, full: false };
      // In their order: ids must not go back.
      piece.full ||= piece.bytes > 0 && piece.bytes + bytes > PIECE;
      if (piece.full) continue;
      pieces.set(audience, { text: piece.text + text, bytes: piece.bytes + bytes, full: false });
      waiting.delete(id);
    }
    return new Map([...pieces].map(([audience, { text }]) => [audience, text] as const));
  };

  const broadcast = async (pieces: ReadonlyMap<string | undefined, string>) => {
    if (readers.size === 0) return;
    const theirs = new Map<string | undefined, Buffer>();
    let sent = 0;
    for (const reader of [...readers]) {
      const text = pieces.get(reader.audience);
      if (!text || !readers.has(reader)) continue;
      const data = theirs.get(reader.audience) ?? Buffer.from(text);
      theirs.set(reader.audience, data);
      send(reader, data);
      sent += 1;
      if (sent % AT_ONCE === 0) await new Promise(setImmediate);
      if (stopped.signal.aborted) return;
    }
  };

  const tail = async (from: { resumeAfter: string } | { since: Date }) => {
    feed = store.watch({ fields: ['updatedAt'], ...from });
    for await (const { token, document } of feed) take(token, document);
  };

  /** A database that writes much keeps its changes for less long: no bug, and nobody's loss where nobody reads. */
  const tellLost = () =>
    log[readers.size > 0 ? 'warn' : 'info'](
      { stream: name, readers: readers.size },
      'the database no longer has the changes after the last one that was seen; readers read anew',
    );

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
        if (lost && !ended()) tellLost();
        else if (!ended())
          log.warn({ err: error, stream: name }, 'the change stream broke; polling until it is back');
      }
      if (ended()) return;
      if (lost) {
        // A database that writes much keeps less than that: asking for it again would fail for ever.
        lookBack = 0;
        forget();
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
    for (const reader of readers) send(reader, HEARTBEAT_LINE);
  };

  /** What a returning reader missed, or `reload`. */
  const catchUp = (reader: Reader, token: string): Buffer | undefined => {
    const oldest = memory[0]?.token;
    if (oldest === undefined || token < oldest) return RELOAD;
    const missed: string[] = [];
    let bytes = 0;
    for (let at = memory.length - 1; at >= 0; at--) {
      const seen = memory[at];
      if (!seen || seen.token <= token) break;
      if (reader.audience !== undefined && seen.audience !== reader.audience) continue;
      bytes += seen.bytes;
      if (bytes > PIECE) return RELOAD;
      missed.push(seen.text);
    }
    return missed.length === 0 ? undefined : Buffer.from(missed.reverse().join(''));
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
        'X-Accel-Buffering': 'no',
      });
      if (req.method === 'HEAD') {
        res.end();
        return 'done';
      }
      const token = req.headers['last-event-id'];
      const now = memory.at(-1)?.token;
      const start = typeof token === 'string' && token !== '' ? catchUp(reader, token) : undefined;
      const place = start === undefined && now !== undefined ? `id: ${now}\n` : '';
      res.write(`retry: ${2000 + Math.round(1000 * random())}\n${place}: open\n\n`);
      readers.add(reader);
      if (start) send(reader, start);
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

const RELOAD = Buffer.from('event: reload\ndata: {}\n\n');
const HEARTBEAT_LINE = Buffer.from(': heartbeat\n\n');

/** The database no longer has the change that we would go on after (ChangeStreamHistoryLost, ChangeStreamFatalError). */
const isLost = (error: unknown) => [280, 286].includes((error as { code?: number }).code ?? 0);
