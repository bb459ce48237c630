import { reject, type Rejection } from './rejection.ts';
import { madeAt } from './runtime.ts';
import type { Ports } from './service.ts';

/** A request may be this much ahead of the event it depends on, in milliseconds. */
const WAIT = 1000;
/** Between two looks: soon at first, as most events need a few milliseconds. */
const STEPS = [2, 3, 5, 10];
const STEP = 25;
/** A thing older than this, in milliseconds, was heard of long ago if it exists; clocks may be minutes apart. */
const SETTLED = 600_000;

/**
 * Read your own writes over events: looks for a replica, and waits up to a second for what was made just now.
 * 404 only when the owner would not know it either; while its event may still be on the way, 503 with Retry-After.
 */
export async function heardOf<T>(
  what: string,
  id: string,
  look: () => Promise<T | null>,
  { clock, caughtUp }: Pick<Ports, 'clock' | 'caughtUp'>,
): Promise<T | Rejection> {
  const first = await look();
  if (first) return first;
  const age = clock.now().getTime() - madeAt(id).getTime();
  if (caughtUp() && Math.abs(age) > SETTLED) return reject('not-found', `There is no ${what} ${id}`);
  const until = clock.now().getTime() + WAIT;
  for (let looked = 0; clock.now().getTime() < until; looked++) {
    await clock.sleep(STEPS[looked] ?? STEP);
    const found = await look();
    if (found) return found;
  }
  return reject('unavailable', `The ${what} ${id} is not known here yet`, { retryAfter: 1 });
}
