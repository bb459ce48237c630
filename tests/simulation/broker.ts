import type { Bus, Subscription } from '@ticketing/common/bus/bus';
import type { Dice } from './random.ts';
import { ConnectionLost, type Mishap, type Proc, type Scheduler } from './scheduler.ts';

/** The bus's part in what goes wrong; each is asked when it could happen. */
export interface BusMishaps {
  refused(): boolean;
  answer(): Mishap;
  ackLost(): boolean;
  repeated(): boolean;
  /** Sees every message that is accepted. */
  took(subject: string, version: number | undefined): void;
}

interface Letter {
  subject: string;
  group: string;
  message: string;
  attempts: number;
  /** Emptied stores forget what they held. */
  life: number;
}

interface Line {
  proc: Proc;
  subscriptions: Map<string, Subscription>;
  restored: ((lastHealthy: Date) => void | Promise<void>)[];
  lostAt: number | undefined;
}

const ACK_WAIT = 5000;

/** NATS Streaming as far as the services can see it: durable groups, at least once, any order, and a store to lose. */
export function simulatedBroker(scheduler: Scheduler, random: Dice, mishaps: BusMishaps) {
  const { gate, after, say, now } = scheduler;
  const groups = new Map<string, Set<string>>();
  let lines: Line[] = [];
  let waiting = 0;
  let life = 0;
  let up = true;

  const post = (letter: Letter) => {
    waiting += 1;
    const done = () => {
      waiting -= 1;
    };
    const again = (ms: number) => {
      after(ms, undefined, 'redelivery', () => {
        done();
        if (letter.life === life) post({ ...letter, attempts: letter.attempts + 1 });
      });
    };
    void gate(undefined, `delivers ${nameOf(letter)}`, () => {
      if (letter.life !== life) return done();
      const members = lines.filter(
        ({ proc, subscriptions }) => up && proc.alive && subscriptions.has(keyOf(letter)),
      );
      const member = random.pick(members);
      if (!member) return again(1000);
      const { proc, subscriptions } = member;
      say(`        to ${proc.name}`);
      const handled = subscriptions
        .get(keyOf(letter))
        ?.handle(letter.message, { redelivered: letter.attempts > 0 });
      const settled = { done: false };
      const finish = (act: () => void) => () => {
        if (settled.done) return;
        settled.done = true;
        act();
      };
      // A member that dies never answers: the message comes again.
      after(
        ACK_WAIT,
        undefined,
        'ack wait',
        finish(() => {
          done();
          if (letter.life === life) post({ ...letter, attempts: letter.attempts + 1 });
        }),
      );
      handled?.then(
        () =>
          gate(proc, `acknowledges ${nameOf(letter)}`, () => {
            if (mishaps.ackLost()) return say('        but the acknowledgement is lost');
            finish(done)();
            if (mishaps.repeated() && letter.life === life)
              post({ ...letter, attempts: letter.attempts + 1 });
          }),
        () => undefined,
      );
    });
  };

  const connect = (proc: Proc): Bus => {
    const line: Line = { proc, subscriptions: new Map(), restored: [], lostAt: up ? undefined : now() };
    lines = [...lines.filter((other) => other.proc.alive), line];
    return {
      publish: (subject, message) => {
        if (line.lostAt !== undefined) return Promise.reject(new Error('The broker cannot be reached'));
        return gate(
          proc,
          `publishes ${subject}`,
          () => {
            if (!up || mishaps.refused()) throw new ConnectionLost('the broker does not take it');
            const { subject: about, data } = read(message);
            mishaps.took(about, data.version);
            for (const group of groups.get(subject) ?? [])
              post({ subject, group, message, attempts: 0, life });
          },
          mishaps.answer,
        );
      },
      subscribe(subscription) {
        const { subject, group } = subscription;
        line.subscriptions.set(`${subject} ${group}`, subscription);
        groups.set(subject, (groups.get(subject) ?? new Set()).add(group));
      },
      get connected() {
        return line.lostAt === undefined;
      },
      onRestored(listener) {
        line.restored.push(listener);
      },
      close: () => Promise.resolve(),
    };
  };

  const restore = async (line: Line, lostAt: number) => {
    for (const listener of line.restored) {
      for (let done = false; !done && line.proc.alive;) {
        done = await Promise.resolve(listener(new Date(lostAt))).then(
          () => true,
          () => false,
        );
        if (!done)
          await new Promise<void>((resolve) => void after(500, line.proc, 'restoring again', resolve));
      }
    }
  };

  return {
    connect,
    /** Messages that some group has not acknowledged. */
    waiting: () => waiting,
    /** Every group knows every subject from the start, as its durable name stays at the broker. */
    announce(subject: string, group: string) {
      groups.set(subject, (groups.get(subject) ?? new Set()).add(group));
    },
    down(emptied: boolean) {
      say(`the broker is killed${emptied ? ', and its store is lost' : ''}`);
      up = false;
      if (emptied) life += 1;
      for (const line of lines) line.lostAt ??= now();
    },
    up() {
      if (up) return;
      say('the broker is back');
      up = true;
      for (const line of lines) {
        const { lostAt } = line;
        line.lostAt = undefined;
        if (lostAt !== undefined && line.proc.alive) void restore(line, lostAt);
      }
    },
  };
}

export type Broker = ReturnType<typeof simulatedBroker>;

const keyOf = ({ subject, group }: Letter) => `${subject} ${group}`;

const read = (message: string) => JSON.parse(message) as { subject: string; data: { version?: number } };

const nameOf = ({ subject, group, message, attempts }: Letter) => {
  const { subject: about, data } = read(message);
  return `${subject} #${about.slice(-4).replace(/^0+/, '')} version ${data.version ?? '–'} to ${group}${attempts ? ' again' : ''}`;
};
