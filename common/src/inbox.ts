import { createHash } from 'node:crypto';
import { Schema } from 'mongoose';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { backoff, type Clock, type Random } from './runtime.ts';
import { defineModel, isDuplicate, type Doc, type Store } from './store.ts';

/** An event whose handler failed: it waits here, so that it holds up nobody. */
export interface InboxEntry extends Doc {
  subject: string;
  message: string;
  status: 'waiting' | 'done' | 'dead';
  attempts: number;
  nextAt: Date;
  error: string;
  receivedAt: Date;
  /** Done entries leave then: later than the broker forgets their messages. */
  leavesAt?: Date;
}

const schema = new Schema(
  {
    _id: String,
    subject: String,
    message: String,
    status: String,
    attempts: Number,
    nextAt: Date,
    error: String,
    receivedAt: Date,
    leavesAt: Date,
  },
  { versionKey: false },
);
schema.index({ status: 1, nextAt: 1 });
schema.index({ leavesAt: 1 }, { expireAfterSeconds: 0 });
export const inboxModel = defineModel<InboxEntry>('inbox', schema);

export interface InboxSettings {
  /** Tries before an event is dead. */
  maxAttempts: number;
  /** Milliseconds before the second try; doubles up to `maxDelay`. */
  baseDelay: number;
  maxDelay: number;
  /** Milliseconds that done entries stay. */
  memory: number;
}

export const INBOX: InboxSettings = {
  maxAttempts: 12,
  baseDelay: 500,
  maxDelay: 300_000,
  memory: 8 * 24 * 3600 * 1000,
};

/** A try that does not end within this time, in milliseconds, is taken over by another process. */
const LEASE = 30_000;

export interface Inbox {
  /** Keeps a message whose handler failed; a `poison` one, which can never succeed, is dead at once. */
  keep(subject: string, eventId: string, message: string, error: unknown, poison?: boolean): Promise<void>;
  /** Tries again what is due; resolves with how many it tried. */
  retry(): Promise<number>;
  /** Tells the metrics how many wait and how many are dead. */
  measure(): Promise<void>;
}

interface Ports {
  store: Store<InboxEntry>;
  handle(subject: string, message: string): Promise<void>;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
  service: string;
}

export function inbox(
  { store, handle, clock, random, log, metrics, service }: Ports,
  { maxAttempts, baseDelay, maxDelay, memory }: InboxSettings = INBOX,
): Inbox {
  const after = (ms: number) => new Date(clock.now().getTime() + ms);

  const attempt = async (entry: InboxEntry) => {
    try {
      await handle(entry.subject, entry.message);
    } catch (error) {
      const dead = entry.attempts >= maxAttempts;
      const delay = backoff(entry.attempts, baseDelay, maxDelay, random);
      const outcome = dead ? { status: 'dead' } : { nextAt: after(delay) };
      await store.updateOne(
        { _id: entry._id, status: 'waiting' },
        { $set: { ...outcome, error: told(error) } },
      );
      if (dead)
        log.error({ err: error, event: entry._id, service }, 'a dead letter: the event failed too often');
      return;
    }
    await store.updateOne({ _id: entry._id }, { $set: { status: 'done', leavesAt: after(memory) } });
  };

  return {
    async keep(subject, eventId, message, error, poison = false) {
      const fresh = {
        subject,
        message,
        status: poison ? ('dead' as const) : ('waiting' as const),
        attempts: 1,
        nextAt: after(backoff(1, baseDelay, maxDelay, random)),
        error: told(error),
        receivedAt: clock.now(),
      };
      const _id = `${subject}|${eventId}`;
      try {
        await store.updateOne({ _id }, { $setOnInsert: fresh }, { upsert: true });
      } catch (duplicate) {
        if (!isDuplicate(duplicate)) throw duplicate;
      }
      if (poison) log.error({ err: error, event: _id, service }, 'a dead letter: the event cannot be read');
    },
    async retry() {
      let tried = 0;
      for (;;) {
        const now = clock.now();
        const entry = await store.findOneAndUpdate(
          { status: 'waiting', nextAt: { $lte: now } },
          { $set: { nextAt: after(LEASE) }, $inc: { attempts: 1 } },
          { sort: { nextAt: 1 } },
        );
        if (!entry) break;
        await attempt(entry);
        tried += 1;
      }
      return tried;
    },
    async measure() {
      metrics.gauge('inbox_waiting', { service }, await store.count({ status: 'waiting' }));
      metrics.gauge('inbox_dead', { service }, await store.count({ status: 'dead' }));
    },
  };
}

/** An id for a message that has none. */
export const fingerprint = (message: string): string => createHash('sha256').update(message).digest('hex');

const told = (error: unknown) =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500);
