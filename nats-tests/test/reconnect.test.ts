import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bus } from '@ticketing/common/bus/bus';
import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { silentLog } from '@ticketing/common/log';
import { eventually } from '@ticketing/common/testing';
import { startNats } from '@ticketing/engines/run';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { publishUntilAccepted } from './bus-contract.ts';

const FETCH_MS = 300_000; // the first time, the broker is fetched and built
let broker: Awaited<ReturnType<typeof startNats>>;
let dataDir: string;
let buses: Bus[];
let subject: string;
let count = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ticketing-reconnect-'));
  broker = await startNats({ dataDir });
}, FETCH_MS);
afterAll(async () => {
  await broker.stop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(() => {
  buses = [];
  subject = `reconnect:${++count}`;
});
afterEach(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
});

const connect = () => {
  const { url, clusterId } = broker;
  const bus = natsStreamingBus({ url, clusterId, name: 'reconnect', log: silentLog, ackWaitMs: 1000 });
  const [got, restored]: [string[], Date[]] = [[], []];
  bus.onRestored((lastHealthy) => void restored.push(lastHealthy));
  bus.subscribe({ subject, group: 'orders', handle: async (message) => void got.push(message) });
  buses.push(bus);
  return { bus, got, restored };
};
const working = async ({ bus, got }: ReturnType<typeof connect>, message: string) => {
  await publishUntilAccepted(bus, subject, message, 30_000);
  await eventually(() => got.includes(message));
};
/** Until it is so: a busy machine may let it answer for a moment longer. */
const halt = async () => {
  process.kill(broker.pid, 'SIGSTOP');
  await eventually(() =>
    execFileSync('ps', ['-o', 'state=', '-p', String(broker.pid)], { encoding: 'utf8' }).startsWith('T'),
  );
};
/** A last healthy moment may be a ping too early (the caller has a margin), never too late. */
const expectBetween = (moment: Date | undefined, earliest: number, latest: number) => {
  expect(moment!.getTime()).toBeGreaterThanOrEqual(earliest - 2500);
  expect(moment!.getTime()).toBeLessThanOrEqual(latest);
};

describe('A broker that goes and comes back', () => {
  test.each([
    ['with its store', false],
    ['emptied', true],
  ])(
    'killed and started again %s, is used again without being asked',
    async (_, emptied) => {
      const member = connect();
      await working(member, 'before');
      expect(member.restored).toEqual([]);
      const lastWorked = Date.now();
      await broker.kill();
      const gone = Date.now();
      await eventually(() => !member.bus.connected);
      await expect(member.bus.publish(subject, 'meanwhile')).rejects.toThrow('cannot be reached');
      await broker.restart({ emptied });
      await working(member, 'after');
      expect(member.restored).toHaveLength(1);
      expectBetween(member.restored[0], lastWorked, gone);
    },
    60_000,
  );

  test('what was not acknowledged comes again over the new connection', async () => {
    const { bus } = connect();
    let [tries, done] = [0, false];
    const { promise: killed, resolve: afterKill } = Promise.withResolvers<void>();
    const handle = async () => {
      tries++;
      await killed;
      if (!bus.connected) throw new Error('the acknowledgement would be lost');
      done = true;
    };
    bus.subscribe({ subject, group: 'payments', handle });
    await publishUntilAccepted(bus, subject, 'kept');
    await eventually(() => tries === 1);
    await broker.kill();
    await eventually(() => !bus.connected);
    afterKill();
    await broker.restart();
    await eventually(() => done);
    expect(tries).toBeGreaterThan(1);
  });

  test('absent at the start, it is used when it comes, and counts as lost since then', async () => {
    await broker.kill();
    const born = Date.now();
    const member = connect();
    const made = Date.now();
    expect(member.bus.connected).toBe(false);
    await expect(member.bus.publish(subject, 'too early')).rejects.toThrow('cannot be reached');
    await delay(500); // some attempts fail
    await broker.restart();
    await working(member, 'after');
    expect(member.restored).toHaveLength(1);
    expectBetween(member.restored[0], born, made);
  });

  test('halted, it is noticed within seconds, holds up nobody, and is used when it goes on', async () => {
    const member = connect();
    await working(member, 'before');
    const halted = Date.now();
    await halt();
    const since = Date.now();
    try {
      const unanswered = expect(member.bus.publish(subject, 'unanswered')).rejects.toThrow();
      await eventually(() => !member.bus.connected, { within: 30_000 });
      await expect(member.bus.publish(subject, 'meanwhile')).rejects.toThrow('cannot be reached');
      await unanswered;
      expect(Date.now() - halted).toBeLessThan(60_000);
      await delay(3000); // attempts on a broker that accepts and does not answer
    } finally {
      process.kill(broker.pid, 'SIGCONT');
    }
    await working(member, 'after');
    expectBetween(member.restored[0], halted, since + 200);
  });

  test('killed before it has answered, it has not accepted', async () => {
    const { bus, ...member } = connect();
    await working({ bus, ...member }, 'before');
    await halt();
    const outcomes = Promise.allSettled(['1', '2', '3'].map((message) => bus.publish(subject, message)));
    await delay(50); // until they are on their way
    await broker.kill();
    const statuses = (await outcomes).map(({ status }) => status);
    await broker.restart();
    expect(statuses).toEqual(['rejected', 'rejected', 'rejected']);
  });

  test.each(['killed', 'halted'] as const)(
    '%s for good, it does not hold up closing',
    async (how) => {
      const member = connect();
      await working(member, 'before');
      if (how === 'killed') await broker.kill();
      else await halt();
      try {
        const start = Date.now();
        await member.bus.close();
        expect(Date.now() - start).toBeLessThan(30_000);
      } finally {
        if (how === 'killed') await broker.restart();
        else process.kill(broker.pid, 'SIGCONT');
      }
    },
    60_000,
  );
});

describe('A listener for the regained connection', () => {
  test('is called again when it rejects, and after another loss with its first moment', async () => {
    const { bus, ...member } = connect();
    await working({ bus, ...member }, 'before');
    const moments: Date[] = [];
    const { promise: lostAgain, resolve: loseAgain } = Promise.withResolvers<void>();
    bus.onRestored(async (lastHealthy) => {
      moments.push(lastHealthy);
      if (moments.length === 1) throw new Error('its database is away');
      if (moments.length === 2) await lostAgain;
    });
    await broker.kill();
    await broker.restart();
    await eventually(() => moments.length === 2);
    await broker.kill();
    await eventually(() => !bus.connected);
    loseAgain();
    await broker.restart();
    await eventually(() => moments.length === 3);
    expect(new Set(moments.map(Number)).size).toBe(1);
  });
});

test('a message that the broker could not take is rejected and costs nobody the connection', async () => {
  const member = connect();
  await working(member, 'before');
  await expect(member.bus.publish(subject, 'x'.repeat(1_100_000))).rejects.toThrow(/1047552 bytes/);
  await expect(member.bus.publish('no subject', '')).rejects.toThrow(/No subject/);
  await working(member, 'after');
  expect(member.restored).toEqual([]);
});

test('a URL that is none stops the start, without telling its password', () => {
  const make = (url: string) => () => natsStreamingBus({ url, clusterId: 'x', name: 'x', log: silentLog });
  expect(make('http://user:secret@host')).toThrow(/nats:\/\//);
  expect(make('http://user:secret@host')).not.toThrow(/secret/);
});
