import type { Request, Response } from 'express';
import { z } from 'zod';
import { integer } from '../config.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Announced } from '../outbox.ts';
import type { Clock, Random } from '../runtime.ts';
import { aheadOf } from '../skew.ts';
import { type Database, placeAt, type Store } from '../store.ts';
import { isKnown, recent, type Seen } from './recent.ts';
import type { Caller } from './session.ts';
import { tail } from './tail.ts';

/** How often it is looked whose token has expired, and whether anybody still reads, in milliseconds. */
const LOOK = 250;
/** The change stream stays open for so long after its last reader, who may only be turning a page, in milliseconds. */
const LINGER = 60_000;
/** Readers written to in one go: thousands would keep whatever else this process has to answer waiting. */
const AT_ONCE = 250;
/** How far back the change stream begins for who returns, so that readers of a process before find their place, in milliseconds. */
const LOOK_BACK = 60_000;
/** And for a first reader, who has read a page before. */
const SKEW = 10_000;
/** Nobody is sent more at a time, in bytes: the rest of a burst waits, a returning reader that missed more reloads. */
const PIECE = 64_000;
/** Between two pieces, in milliseconds. */
const PACE = 250;
/** A reader with more than this unsent, in bytes, is dropped; it comes back and catches up. */
const MAX_UNSENT = 4 * PIECE;
/** As much may be unsent to all of them; above it those with more than an equal part of it are dropped. */
const MAX_UNSENT_IN_ALL = 64_000_000;

/** A reader whose token was over comes back after so long, at least, in milliseconds: it has another one already. */
const NEXT_TOKEN = 250;

/** How often a stream beats: a reader that hears nothing for two beats has lost it. */
export const StreamConfig = z.object({ STREAM_HEARTBEAT_SECONDS: integer(1, 30).default(15) });

interface Reader {
  res: Response;
  audience: string | undefined;
  until: Date | undefined;
  /** Knows what changed up to here. */
  after: string;
}

export interface Stream {
  /**
   * Answers with server-sent events: `change` with a view as data, `reload` when the reader missed too much, and `beat` at
   * once and then every so many `seconds`, as its data says. A caller gets what is theirs until their access token expires:
   * a browser then comes back by itself, with its next one.
   */
  serve(req: Request, res: Response, caller?: Pick<Caller, 'id' | 'expiresAt'>): 'done';
  close(): Promise<void>;
}

interface Settings<T> {
  name: string;
  store: Store<T & Announced>;
  db: Pick<Database, 'ping'>;
  view(document: T & Announced, audience: string | undefined): object;
  /** Fields that `view` does not read; nor does it read `pending`. */
  without?: readonly string[];
  /** Whose change it is, of one or several; readers with an audience see only theirs, those without only what is for nobody alone. */
  audience?(document: T & Announced): string | undefined | readonly string[];
  config: z.output<typeof StreamConfig>;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
}

/**
 * Server-sent events of what changes in a collection. Each process tails its database's change stream while somebody reads,
 * so replicas need no fan-out between them, and a reader may come back to another one: the token in `id:` is the same
 * everywhere.
 */
export function changes<T>({
  name,
  store,
  db,
  view,
  without = [],
  audience,
  config: { STREAM_HEARTBEAT_SECONDS: seconds },
  clock,
  random,
  log,
  metrics,
}: Settings<T>): Stream {
  const readers = new Set<Reader>();
  const memory = recent();
  const waiting = new Map<string, Seen>();
  /** Unsent to all readers, in bytes, or less: it is weighed when it seems too much. */
  let unsent = 0;
  let sending: Promise<void> | undefined;
  /** While the change stream is followed. */
  let running: ReturnType<typeof tail> | undefined;
  let starting: Promise<void> | undefined;
  /** How far our clock is ahead of the database's, by which changes are known, in milliseconds. */
  let ahead = 0;
  let ended = new Date(0);
  let closed = false;
  const beat = `event: beat\ndata: ${JSON.stringify({ seconds })}\n\n`;

  const takeFor = (whose: string | undefined, token: string, document: T & Announced) => {
    const text = `${token && `id: ${token}\n`}event: change\ndata: ${JSON.stringify(view(document, whose))}\n\n`;
    const seen = { token, audience: whose, text, bytes: Buffer.byteLength(text) };
    if (token) memory.add(seen);
    const key = `${document._id} ${whose ?? ''}`;
    waiting.delete(key); // to its end: ids must not go back, or a reader cut off in between misses one
    waiting.set(key, seen);
  };

  const take = (token: string, document: T & Announced) => {
    const whose = audience?.(document);
    const all = typeof whose === 'object' ? whose : [whose];
    for (const one of all) takeFor(one, token, document);
    sending ??= sendWaiting();
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

  const endExpired = (now: Date) => {
    for (const reader of readers) {
      if (!reader.until || now < reader.until) continue;
      leave(reader);
      reader.res.end(`retry: ${NEXT_TOKEN + Math.round(NEXT_TOKEN * random())}\n\n`);
    }
  };

  /** Once for all that the feed gives at a time, as it is the feed that gathers; what is too much for that, later. */
  const sendWaiting = async () => {
    while (waiting.size > 0) {
      await new Promise(setImmediate);
      await broadcast(nextPieces());
      if (waiting.size > 0) await clock.sleep(PACE);
    }
    sending = undefined;
  };

  /** What each audience is sent now; what does not fit waits, and may be replaced by newer news of the same thing. */
  const nextPieces = () => {
    const pieces = new Map<string | undefined, { seen: Seen[]; bytes: number; full: boolean }>();
    const known = [...readers].reduce((least, { after }) => (after < least ? after : least), '~');
    for (const [id, seen] of waiting) {
      const piece = pieces.get(seen.audience) ?? { seen: [], bytes: 0, full: false };
      pieces.set(seen.audience, piece);
      const all = isKnown(seen, known);
      // In their order: ids must not go back.
      piece.full ||= !all && piece.bytes > 0 && piece.bytes + seen.bytes > PIECE;
      if (piece.full) continue;
      waiting.delete(id);
      if (all) continue;
      piece.seen.push(seen);
      piece.bytes += seen.bytes;
    }
    return pieces;
  };

  const broadcast = async (pieces: ReadonlyMap<string | undefined, { seen: readonly Seen[] }>) => {
    const theirs = new Map<string | undefined, Buffer>();
    let sent = 0;
    for (const reader of [...readers]) {
      const seen = pieces.get(reader.audience)?.seen;
      if (!seen?.[0] || !readers.has(reader)) continue;
      if (isKnown(seen[0], reader.after)) {
        const news = seen.filter((one) => !isKnown(one, reader.after));
        if (news.length > 0) send(reader, textOf(news));
      } else {
        const data = theirs.get(reader.audience) ?? textOf(seen);
        theirs.set(reader.audience, data);
        send(reader, data);
      }
      sent += 1;
      if (sent % AT_ONCE === 0) await new Promise(setImmediate);
    }
  };

  const every = async (ms: number, signal: AbortSignal, work: () => void) => {
    for (;;) {
      await clock.sleep(ms, signal);
      if (signal.aborted) return;
      work();
    }
  };

  const heartbeat = () => {
    const data = Buffer.from(beat);
    for (const reader of readers) send(reader, data);
  };

  /** By the database's clock. */
  const ago = (ms: number) => new Date(clock.now().getTime() - ahead - ms);

  const anew = () => {
    const from = ago(0);
    memory.forget(placeAt(from));
    for (const reader of readers) send(reader, RELOAD);
    return from;
  };

  const start = async (returns: boolean) => {
    ahead = (await aheadOf(db, clock)) ?? ahead;
    if (!closed) begin(returns);
  };

  const begin = (returns: boolean) => {
    const since = ago(returns ? LOOK_BACK : SKEW);
    // Else it goes on where it ended; what changed in its last moments may not have been heard.
    const away = clock.now().getTime() - ended.getTime();
    if (!returns || away > LOOK_BACK - SKEW) memory.forget(placeAt(since));
    running = tail<T & Announced>(since, {
      name,
      store,
      without,
      clock,
      log,
      take,
      anew,
      readers: () => readers.size,
      last: memory.newest,
    });
    let read = clock.now();
    const look = () => {
      const now = clock.now();
      endExpired(now);
      if (readers.size > 0) read = now;
      else if (now.getTime() - read.getTime() >= LINGER) void end();
    };
    void every(LOOK, running.signal, look);
    void every(seconds * 1000, running.signal, heartbeat);
  };

  const end = async () => {
    ended = clock.now();
    waiting.clear();
    const before = running;
    running = undefined;
    await before?.end();
  };

  /** What a returning reader missed, or `reload`. What is ahead of us was never a place. */
  const catchUp = ({ audience }: Reader, place: string): Buffer | undefined => {
    const missed = place > placeAt(ago(-LOOK_BACK)) ? undefined : memory.missed(place, audience, PIECE);
    if (!missed) return RELOAD;
    return missed.length === 0 ? undefined : textOf(missed);
  };

  const join = async (
    res: Response,
    token: string | undefined,
    caller: Pick<Caller, 'id' | 'expiresAt'> | undefined,
  ) => {
    if (!running) {
      starting ??= start(token !== undefined).finally(() => (starting = undefined));
      await starting;
    }
    if (closed || res.destroyed) return void res.end();
    const newest = memory.newest();
    const after = newest ?? placeAt(ago(SKEW));
    const reader = { res, audience: audience && caller?.id, until: caller?.expiresAt, after };
    const missed = token === undefined ? undefined : catchUp(reader, token);
    // Who was in step with a faster process is not told again what this one has yet to hear.
    if (token !== undefined && missed !== RELOAD && token > (newest ?? '')) reader.after = token;
    const place = missed === undefined && newest !== undefined ? `id: ${reader.after}\n` : '';
    res.write(`retry: ${2000 + Math.round(1000 * random())}\n${place}${beat}`);
    readers.add(reader);
    if (missed) send(reader, missed);
    metrics.gauge('streams_open', { stream: name }, readers.size);
    res.on('close', () => leave(reader));
  };

  return {
    serve(req, res, caller) {
      res.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      const { 'last-event-id': token } = req.headers;
      if (closed || req.method === 'HEAD') res.end();
      else void join(res, typeof token === 'string' && token !== '' ? token : undefined, caller);
      return 'done';
    },
    async close() {
      closed = true;
      await end();
      for (const { res } of readers) res.end();
    },
  };
}

const textOf = (seen: readonly Seen[]) => Buffer.from(seen.map(({ text }) => text).join(''));

const RELOAD = Buffer.from('event: reload\ndata: {}\n\n');
