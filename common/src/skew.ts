import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Clock } from './runtime.ts';
import type { Database } from './store.ts';

/** Clocks that differ by less, in milliseconds, are told of by nobody. */
export const TOLERANCE = 5000;
const EVERY = 30_000;

interface Watched {
  service: string;
  db: Pick<Database, 'ping'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

/** How far `clock` is ahead of the database's, in milliseconds, or behind (negative); undefined while there is no answer. */
export async function aheadOf(db: Pick<Database, 'ping'>, clock: Clock): Promise<number | undefined> {
  const asked = clock.now().getTime();
  const there = (await db.ping().catch(() => undefined))?.getTime();
  // Whatever it says between question and answer is right.
  return there && Math.max(0, asked - there) + Math.min(0, clock.now().getTime() - there);
}

/**
 * Holds this machine's clock against the database's until `signal` aborts: a service whose clock is ahead refuses every
 * token, and so sends no event from which others could tell.
 */
export async function watchSkew({ service, db, clock, log, metrics }: Watched, signal: AbortSignal) {
  let told = false;
  while (!signal.aborted) {
    const ahead = await aheadOf(db, clock);
    if (ahead !== undefined) {
      const seconds = Math.round(ahead / 1000);
      metrics.gauge('clock_ahead_seconds', { service }, seconds);
      const differs = Math.abs(ahead) > TOLERANCE;
      if (differs && !told) log.warn({ service, seconds }, "clocks differ: this one and the database's");
      told = differs;
    }
    await clock.sleep(EVERY, signal);
  }
}
