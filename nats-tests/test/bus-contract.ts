import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bus } from '@ticketing/common/bus/bus';
import { eventually } from '@ticketing/common/testing';
import { setTimeout as delay } from 'node:timers/promises';

export interface BusUnderTest {
  /** Another instance on the same broker: a process, as far as the broker knows. */
  bus(): Bus;
  cleanup(): Promise<void>;
}

export interface Capabilities {
  /** Keeps messages for a group that is away, and repeats by itself what was not acknowledged. */
  stores: boolean;
  maxInFlight: number;
}

/** The contract's publisher: repeats, as an outbox does, until the bus has accepted. */
export const publishUntilAccepted = async (bus: Bus, subject: string, message: string, ms = 15_000) => {
  for (const end = Date.now() + ms; ; await delay(20)) {
    try {
      return await bus.publish(subject, message);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
};

let subjects = 0;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));
const distinct = (messages: readonly string[]) =>
  [...new Set(messages)].sort((a, b) => Number(a) - Number(b));

/** What every adapter of the bus owes its users. `maxInFlight` of the buses made must be the capability's. */
export const busContract = (
  name: string,
  make: () => Promise<BusUnderTest>,
  { stores, maxInFlight }: Capabilities,
) => {
  describe(`The contract of the bus, by ${name}`, () => {
    let made: BusUnderTest;
    let subject: string;
    const publishAll = (bus: Bus, messages: readonly string[]) =>
      Promise.all(messages.map((message) => publishUntilAccepted(bus, subject, message)));
    const collect = (bus: Bus, group: string) => {
      const messages: string[] = [];
      bus.subscribe({ subject, group, handle: async (message) => void messages.push(message) });
      return messages;
    };

    beforeEach(async () => {
      made = await make();
      subject = `contract:${++subjects}`;
    });
    afterEach(() => made.cleanup());

    test('every group gets every message, whole', async () => {
      const bus = made.bus();
      const [orders, payments] = [collect(bus, 'orders'), collect(bus, 'payments')];
      const messages = [...numbers(20), '{"title":"Träume, 東京 🎟"}', ''];
      await publishAll(bus, messages);
      await eventually(() => [orders, payments].every((got) => new Set(got).size === messages.length));
      expect(new Set(orders)).toEqual(new Set(messages));
      expect(new Set(payments)).toEqual(new Set(messages));
    });

    test('a group hears of its own subject only', async () => {
      const bus = made.bus();
      const got = collect(bus, 'orders');
      await publishUntilAccepted(bus, `${subject}:other`, 'not this');
      await publishUntilAccepted(bus, subject, 'this');
      await eventually(() => got.length > 0);
      expect(got).toEqual(['this']);
    });

    test('the members of a group share its messages', async () => {
      const [one, two] = [made.bus(), made.bus()];
      const members = [collect(one, 'orders'), collect(two, 'orders')] as const;
      await eventually(() => one.connected && two.connected);
      const sent: string[] = [];
      const shared = () => members.every((got) => got.length > 0);
      for (let n = 0; n < 1000 && !shared(); n += 10) {
        const more = numbers(10).map((digit) => String(n + Number(digit)));
        sent.push(...more);
        await publishAll(one, more);
      }
      await eventually(() => members.flat().length >= sent.length);
      expect(shared()).toBe(true);
      expect(distinct(members.flat())).toEqual(sent);
      expect(members.flat().length).toBeLessThan(2 * sent.length);
    });

    test('a rejected message comes again until it is acknowledged', async () => {
      const bus = made.bus();
      const tries: boolean[] = [];
      bus.subscribe({
        subject,
        group: 'orders',
        async handle(_, { redelivered }) {
          tries.push(redelivered);
          if (tries.length < 3) throw new Error('not yet');
        },
      });
      await publishUntilAccepted(bus, subject, 'once');
      await eventually(() => tries.length === 3);
      if (stores) expect(tries).toEqual([false, true, true]);
    });

    test('a handler that throws before its promise counts as rejecting', async () => {
      const bus = made.bus();
      let tries = 0;
      const handle = () => {
        if (++tries === 1) throw new Error('at once');
        return Promise.resolve();
      };
      bus.subscribe({ subject, group: 'orders', handle });
      await publishUntilAccepted(bus, subject, 'once');
      await eventually(() => tries === 2);
    });

    test('a poison message holds up neither its neighbours nor the other groups', async () => {
      const bus = made.bus();
      const got: string[] = [];
      bus.subscribe({
        subject,
        group: 'orders',
        async handle(message) {
          if (message === 'poison') throw new Error('poison');
          got.push(message);
        },
      });
      const others = collect(bus, 'payments');
      await eventually(() => bus.connected);
      const poison = bus.publish(subject, 'poison').catch((error: unknown) => error);
      await publishAll(bus, numbers(50));
      await eventually(() => got.length >= 50 && others.includes('poison'));
      if (!stores) expect(await poison).toBeInstanceOf(Error);
    });

    test('a handler that hangs holds up neither its neighbours nor the other groups', async () => {
      const bus = made.bus();
      const { promise: hanging, resolve: release } = Promise.withResolvers<void>();
      const got: string[] = [];
      bus.subscribe({
        subject,
        group: 'orders',
        handle: (message) => (message === 'slow' ? hanging : Promise.resolve(void got.push(message))),
      });
      const others = collect(bus, 'payments');
      await eventually(() => bus.connected);
      const slow = bus.publish(subject, 'slow');
      await publishAll(bus, numbers(20));
      await eventually(() => got.length >= 20 && others.length >= 21);
      release();
      await slow;
    });

    test('the handlers in flight are bounded, and all get their turn', async () => {
      const bus = made.bus();
      const messages = numbers(maxInFlight * 5);
      const done: string[] = [];
      let [running, most] = [0, 0];
      bus.subscribe({
        subject,
        group: 'orders',
        async handle(message) {
          most = Math.max(most, ++running);
          await delay(5);
          running--;
          done.push(message);
        },
      });
      await publishAll(bus, messages);
      await eventually(() => distinct(done).length === messages.length);
      expect(most).toBe(maxInFlight);
    });

    test('publishing on a closed bus is rejected', async () => {
      const bus = made.bus();
      await publishUntilAccepted(bus, subject, 'before');
      await bus.close();
      expect(bus.connected).toBe(false);
      await expect(bus.publish(subject, 'after')).rejects.toThrow(/closed/);
      await expect(bus.close()).resolves.toBeUndefined();
    });

    test('closing waits for the handlers in flight, and nothing is delivered after it', async () => {
      const bus = made.bus();
      const { promise: hanging, resolve: release } = Promise.withResolvers<void>();
      const [started, finished]: [string[], string[]] = [[], []];
      bus.subscribe({
        subject,
        group: 'orders',
        async handle(message) {
          started.push(message);
          await hanging;
          finished.push(message);
        },
      });
      await eventually(() => bus.connected);
      const published = Promise.allSettled(
        numbers(maxInFlight * 2).map((message) => bus.publish(subject, message)),
      );
      await eventually(() => started.length === maxInFlight);
      let closed = false;
      const closing = bus.close().then(() => (closed = true));
      await delay(50); // the time in which a close that does not wait would be over
      expect(closed).toBe(false);
      release();
      await closing;
      await published;
      expect(finished).toEqual(started);
      await delay(50);
      expect(started).toHaveLength(maxInFlight);
    });

    if (!stores) return; // the rest is for brokers

    test('a group that subscribes late gets what came before, and after its absence only what it missed', async () => {
      const publisher = made.bus();
      await publishAll(publisher, ['1', '2']);
      const first = made.bus();
      const early = collect(first, 'orders');
      await eventually(() => early.length === 2);
      await first.close();
      await publishAll(publisher, ['3', '4']);
      const late = collect(made.bus(), 'orders');
      await eventually(() => late.length === 2);
      expect(distinct(late)).toEqual(['3', '4']);
    });

    test('a member that hangs takes no more than its bound, the others get the rest', async () => {
      const [one, two] = [made.bus(), made.bus()];
      const { promise: hanging, resolve: release } = Promise.withResolvers<void>();
      const fresh: string[] = [];
      one.subscribe({ subject, group: 'orders', handle: () => hanging });
      two.subscribe({
        subject,
        group: 'orders',
        handle: (message, { redelivered }) =>
          Promise.resolve(redelivered ? undefined : void fresh.push(message)),
      });
      await eventually(() => one.connected && two.connected);
      await publishAll(two, numbers(maxInFlight * 10));
      await eventually(() => fresh.length >= maxInFlight * 9);
      release();
    });

    test('what a member left unfinished goes to another', async () => {
      const [one, two] = [made.bus(), made.bus()];
      let refused = 0;
      const refuse = () => Promise.reject(new Error(`refusal ${++refused}`));
      one.subscribe({ subject, group: 'orders', handle: refuse });
      await publishUntilAccepted(two, subject, 'kept');
      await eventually(() => refused > 0);
      const got = collect(two, 'orders');
      await one.close();
      await eventually(() => got.length > 0);
    });

    test('a handler slower than the time to acknowledge is not run twice at once', async () => {
      const bus = made.bus();
      let [running, most, finished] = [0, 0, 0];
      bus.subscribe({
        subject,
        group: 'orders',
        async handle() {
          most = Math.max(most, ++running);
          await delay(2500); // longer than two times to acknowledge
          running--;
          finished++;
        },
      });
      await publishUntilAccepted(bus, subject, 'slow');
      await eventually(() => finished === 1);
      await delay(1500); // longer than a time to acknowledge: the acknowledgement did count
      expect({ most, finished }).toEqual({ most: 1, finished: 1 });
    });
  });
};
