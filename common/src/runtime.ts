import { mongo } from 'mongoose';

/** Time as a service may see it: a simulation hands in another one. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Ids {
  /** A new id: 24 hex digits, the first eight of them the second of its making, so that ids sort by age. */
  next(): string;
}

/** A number in [0, 1). */
export type Random = () => number;

export const systemClock: Clock = {
  now: () => new Date(),
  // By hand, as Node makes an error with its stack of each that is aborted: one for every request that waited.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, signal?.aborted ? 0 : ms);
      timer.unref();
      signal?.addEventListener('abort', wake);
    }),
};

export const systemIds: Ids = { next: () => new mongo.ObjectId().toHexString() };

/** When an id was made, to the second. */
export const madeAt = (id: string): Date => new Date(parseInt(id.slice(0, 8), 16) * 1000);

/** Milliseconds before try `attempt` (from 1): doubles from `base` up to `max`, half of it random (full jitter's calmer sibling). */
export const backoff = (attempt: number, base: number, max: number, random: Random): number =>
  Math.min(max, base * 2 ** (attempt - 1)) * (0.5 + random() / 2);
