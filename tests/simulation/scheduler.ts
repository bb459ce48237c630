import type { Dice } from './random.ts';

/** A process that can be killed: what it waits for then never comes. */
export interface Proc {
  readonly name: string;
  alive: boolean;
}

interface Step {
  /** Hangs until so many steps were taken, while others go on: what makes deep interleavings likely. */
  hangs: number;
  proc: Proc | undefined;
  label: string;
  run(): Promise<void> | void;
}

interface Timer {
  due: number;
  proc: Proc | undefined;
  label: string;
  fire(): void;
}

/** How a step's answer may go astray. */
export type Mishap = 'refused' | 'answer-lost' | undefined;

/** What the code under test throws when a connection breaks: like the driver's, so that it is taken for an outage. */
export class ConnectionLost extends Error {
  override name = 'MongoNetworkError';
}

/** Beyond this many steps something goes round in circles. */
const TOO_MANY = 20_000;

/**
 * Decides at every step who goes on: all code under test waits at gates, one gate opens at a time, and virtual time
 * moves only when a timer is chosen. The same dice give the same run. `hanging` is how likely a step hangs while others
 * go on (the idea of probabilistic concurrency testing, Burckhardt et al. 2010).
 */
export function scheduler(random: Dice, start: number, hanging: number) {
  let now = start;
  let steps: Step[] = [];
  let timers: Timer[] = [];
  let count = 0;
  const trace: string[] = [];
  const say = (line: string) => {
    trace.push(`${((now - start) / 1000).toFixed(1).padStart(7)} s  ${line}`);
  };

  /** Lets everything that an opened gate set free run on to its next gates. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  const gate = <T>(
    proc: Proc | undefined,
    label: string,
    effect: () => T | Promise<T>,
    mishap: () => Mishap = () => undefined,
  ): Promise<T> =>
    new Promise<T>((resolve, fail) => {
      if (proc && !proc.alive) return;
      steps.push({
        hangs: random.chance(hanging) ? count + 4 + random.below(60) : 0,
        proc,
        label,
        async run() {
          try {
            const astray = mishap();
            if (astray === 'refused') throw new ConnectionLost('refused');
            const value = await effect();
            if (astray === 'answer-lost') {
              say(`${who(proc)} ${label}: done, but the answer is lost`);
              fail(new ConnectionLost('the answer was lost'));
              return;
            }
            if (!isIdle(value)) say(`${who(proc)} ${label}${told(value)}`);
            resolve(value);
          } catch (error) {
            say(`${who(proc)} ${label}: ${(error as Error).message}`);
            fail(error as Error);
          }
        },
      });
    });

  const open = async (step: Step) => {
    count += 1;
    if (count > TOO_MANY) throw new Error('It goes round in circles: too many steps');
    await step.run();
    await settle();
  };

  const fire = async (timer: Timer) => {
    timers = timers.filter((one) => one !== timer);
    now = Math.max(now, timer.due);
    timer.fire();
    await settle();
  };

  const earliest = () => timers.reduce<Timer | undefined>((a, b) => (!a || b.due < a.due ? b : a), undefined);

  return {
    gate,
    say,
    trace,
    now: () => now,
    steps: () => count,
    /** What could go on now; the more, the more interleavings. */
    contention: () => steps.length,
    after(ms: number, proc: Proc | undefined, label: string, fire: () => void): () => void {
      const timer = { due: now + Math.max(0, ms), proc, label, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    /** One step, anybody's; a timer may be chosen before its turn, as time also passes while others hang. */
    async any(haste: number): Promise<boolean> {
      if (steps.length > 0 && !(timers.length > 0 && random.chance(haste))) {
        const free = steps.filter(({ hangs }) => hangs <= count);
        const step = random.pick(free.length > 0 ? free : steps);
        steps = steps.filter((one) => one !== step);
        if (step) await open(step);
        return true;
      }
      const timer = random.chance(0.1) ? random.pick(timers) : earliest();
      if (!timer) return false;
      await fire(timer);
      return true;
    },
    /** One step in fair order: what waits longest, then the earliest timer. False when nothing waits but timers. */
    async fair(): Promise<boolean> {
      const step = steps.shift();
      if (step) {
        await open(step);
        return true;
      }
      return false;
    },
    async wait(): Promise<void> {
      const timer = earliest();
      if (timer) await fire(timer);
    },
    /** kill -9: nothing that it waits for ever comes. */
    kill(proc: Proc) {
      proc.alive = false;
      steps = steps.filter((step) => step.proc !== proc);
      timers = timers.filter((timer) => timer.proc !== proc);
    },
    settle,
  };
}

export type Scheduler = ReturnType<typeof scheduler>;

const who = (proc: Proc | undefined) => proc?.name ?? 'world';

/** A look that found nothing is not worth a line. */
const isIdle = (value: unknown) =>
  value === 0 || (Array.isArray(value) && value.length === 0) || value === null;

const told = (value: unknown) => {
  if (value === undefined || typeof value === 'object') return '';
  return `: ${value as string}`;
};
