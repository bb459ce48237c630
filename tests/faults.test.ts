import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@ticketing/common/testing';
import { type RunningEngine, startMongod, startNats, startRedis } from '@ticketing/engines/run';
import { broken, load, type Load } from './load.ts';
import { START_LIMIT, type StartedSuite, startSuite } from './suite.ts';

/** The engines are the test's own, so that it can kill and empty them; the services are started as a user starts them. */
let home: string;
let engines: Record<'mongo' | 'nats' | 'redis', RunningEngine>;
let suite: StartedSuite;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ticketing-faults-'));
  const [mongo, nats, redis] = await Promise.all([
    startMongod(),
    startNats({ dataDir: join(home, 'nats') }),
    startRedis({ dataDir: join(home, 'redis') }),
  ]);
  engines = { mongo, nats, redis };
  suite = await startSuite('services', {
    MONGO_URL: mongo.url,
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    ORDER_HOLD_SECONDS: '8',
    PAYMENT_BEGIN_SECONDS: '1',
    PAYMENT_GRACE_SECONDS: '2',
    PAYMENT_RECOVERY_SECONDS: '3',
  });
}, START_LIMIT);

afterEach(async () => {
  await suite.destroy();
  await Promise.all(Object.values(engines).map((engine) => engine.stop()));
  await rm(home, { recursive: true, force: true });
});

/** Lets the load go on until the suite has acknowledged this many more requests than when it was called. */
const acknowledges = async ({ acknowledged }: Load, more: number) => {
  const before = acknowledged.orders.size + acknowledged.tickets.size;
  await eventually(() => acknowledged.orders.size + acknowledged.tickets.size >= before + more, {
    within: 120_000,
  });
};

/** All of it must hold when the load has ended and everything has healed. */
const nothingIsLost = async (pressure: Load) => {
  await pressure.stop();
  const { acknowledged } = pressure;
  expect(acknowledged.faults).toEqual([]);
  await eventually(
    async () => {
      const { code, output } = await suite.command('reconcile');
      if (code !== 0) throw new Error(output);
    },
    { within: 120_000, every: 1000 },
  );
  expect(await broken(acknowledged)).toEqual([]);
  expect(acknowledged.orders.size).toBeGreaterThan(20);
};

test('each service process is killed in the middle of a load: nothing is lost', async () => {
  const pressure = await load(suite, 12);
  for (const service of [
    'orders',
    'payments',
    'tickets',
    'expiration',
    'auth',
    'admissions',
    'orders',
    'payments',
  ]) {
    await acknowledges(pressure, 30);
    process.kill(await suite.pidOf(service), 'SIGKILL');
    await delay(50 + Math.random() * 300); // the moment of the next kill is meant to be any
  }
  await acknowledges(pressure, 30);
  await nothingIsLost(pressure);
});

test('the broker is killed and comes back, then comes back with an emptied store: nothing is lost', async () => {
  const pressure = await load(suite, 12);
  await acknowledges(pressure, 50);
  await engines.nats.kill();
  await acknowledges(pressure, 5); // what needs no broker goes on
  await engines.nats.restart();
  await acknowledges(pressure, 50);
  await engines.nats.kill();
  await delay(Math.random() * 1000);
  await engines.nats.restart({ emptied: true });
  await acknowledges(pressure, 50);
  process.kill(await suite.pidOf('orders'), 'SIGKILL');
  await engines.nats.kill();
  await engines.nats.restart({ emptied: true });
  await acknowledges(pressure, 50);
  await nothingIsLost(pressure);
});

test('Redis is killed, emptied, and gone: orders end in time all the same', async () => {
  const pressure = await load(suite, 8);
  await acknowledges(pressure, 40);
  await engines.redis.kill();
  await acknowledges(pressure, 40);
  await engines.redis.restart({ emptied: true });
  await acknowledges(pressure, 40);
  await engines.redis.kill();
  await acknowledges(pressure, 40);
  await nothingIsLost(pressure);
});
