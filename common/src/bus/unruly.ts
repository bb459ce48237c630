import type { Clock, Random } from '../runtime.ts';
import type { Bus } from './bus.ts';

/** How often, from 0 to 1, and how much. */
interface Habits {
  repeats: number;
  delays: number;
  /** The longest delay, in milliseconds. */
  upTo: number;
  random: Random;
  clock: Pick<Clock, 'sleep'>;
}

/**
 * For tests: a bus that does all that a bus may do. It delivers late, so that what came after overtakes it, and twice, to
 * the same handler at once. Its promises are those of the bus below.
 */
export const unruly = (bus: Bus, { repeats, delays, upTo, random, clock }: Habits): Bus => ({
  publish: (subject, message) => bus.publish(subject, message),
  subscribe({ subject, group, handle }) {
    const deliver = async (message: string, redelivered: boolean) => {
      if (random() < delays) await clock.sleep(random() * upTo);
      await handle(message, { redelivered });
    };
    bus.subscribe({
      subject,
      group,
      async handle(message, { redelivered }) {
        const twice = random() < repeats ? [deliver(message, true)] : [];
        const outcomes = await Promise.allSettled([deliver(message, redelivered), ...twice]);
        for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      },
    });
  },
  get connected() {
    return bus.connected;
  },
  onRestored: (listener) => bus.onRestored(listener),
  close: () => bus.close(),
});
