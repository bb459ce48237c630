import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import request from 'supertest';
import type { Bus } from '@ticketing/common/bus/bus';
import { memoryBus } from '@ticketing/common/bus/memory';
import { PAUSE } from '@ticketing/common/outbox';
import type { Clock } from '@ticketing/common/runtime';
import { bearer, eventually, type TestHost, testHost, unrepeating } from '@ticketing/common/testing';
import { memoryMongo } from '@ticketing/engines/memory-mongo';
import { type Sandbox, startSandbox } from '@ticketing/sandbox/sandbox';
import { orderFor } from '@ticketing/suite/api';
import { suite } from '@ticketing/suite/suite';
import { idAt } from './bench/data.ts';
import { engineCounts, stillness } from './bench/engine.ts';

/**
 * What an operation with all that hear of it costs the database and the broker at most: counted, no clock, one at a time, so
 * that nothing goes together with another's. A purchase is the journey: a ticket offered, reserved, paid, complete.
 * Who makes one cheaper lowers its numbers; who raises one says why: a ticket that is offered looks for its seller's name before and
 * after, as that may change meanwhile (ADR 38). Under load: `npm run bench -- purchase`.
 */
const BUDGET = {
  'a ticket offered': { find: 2, insert: 1, update: 2, writes: 2, told: 1, delivered: 1 },
  'an edit': { find: 1, insert: 0, update: 3, writes: 3, told: 1, delivered: 1 },
  'a reservation': { find: 3, insert: 1, update: 3, writes: 3, told: 1, delivered: 3 },
  'a purchase': { find: 7, insert: 3, update: 10, writes: 11, told: 4, delivered: 9 },
} as const;
type Counted = keyof (typeof BUDGET)['a purchase'];
type Counts = Record<Counted, number>;

/** The least of so many counts at most: on a busy machine somebody looks again for what is on its way. */
const TIMES = 20;
/** Time goes a hundred times slower: what is done only when something takes long is not done because the machine is slow. */
const START = Date.now();
/** Markers are taken away when all else is still, however long that took: once, as where it takes less than the pause. */
const pauses: (() => void)[] = [];
const clock: Clock = {
  now: () => new Date(START + (Date.now() - START) / 100),
  sleep(ms, signal) {
    if (ms === PAUSE) return new Promise((over) => pauses.push(over));
    return unrepeating.sleep(ms > 200 && ms <= 300 ? 100 * ms : ms, signal);
  },
};
const settled = async () => {
  await stillness(client);
  for (const over of pauses.splice(0)) over();
  await stillness(client);
};
let mongod: Awaited<ReturnType<typeof memoryMongo>>;
let client: MongoClient;
let sandbox: Sandbox;
let host: TestHost;
const heard = { told: 0, delivered: 0 };

/** The bus of one process, counting. */
const counting = (bus: Bus): Bus => ({
  publish(subject, message) {
    heard.told += 1;
    return bus.publish(subject, message);
  },
  subscribe: ({ handle, ...interest }) =>
    bus.subscribe({
      ...interest,
      handle(message, delivery) {
        heard.delivered += 1;
        return handle(message, delivery);
      },
    }),
  get connected() {
    return bus.connected;
  },
  onRestored: (listener) => bus.onRestored(listener),
  close: () => bus.close(),
});

beforeAll(async () => {
  // Its own, as all of its commands are counted; the provider's are elsewhere.
  mongod = await memoryMongo();
  client = await MongoClient.connect(mongod.url);
  sandbox = await startSandbox({
    mongoUrl: process.env['TEST_MONGO_URL']!,
    database: `budget-${process.pid}`,
  });
  host = await testHost(suite, {
    mongoUrl: mongod.url,
    bus: counting(memoryBus()),
    calm: true,
    clock,
    env: {
      STRIPE_KEY: 'sk_test_budget',
      STRIPE_WEBHOOK_SECRET: 'whsec_budget',
      STRIPE_URL: sandbox.url,
      SEEN_REQUIRED: 'on',
    },
  });
});

afterAll(async () => {
  await host.destroy();
  await sandbox.close();
  await client.close();
  await mongod.stop();
});

const counts = async (): Promise<Counts> => {
  const { commands, database } = await engineCounts(client);
  const of = (name: string) => commands[name] ?? NaN;
  return {
    find: of('find'),
    insert: of('insert'),
    update: of('update') + of('bulkWrite'),
    writes: database['writes'] ?? NaN,
    ...heard,
  };
};

let people = 0;
const somebody = () => bearer({ id: idAt(people++) });
const seller = somebody();
const created = async (path: string, who: ReturnType<typeof bearer>, body: object): Promise<string> => {
  const reply = await request(host.app).post(path).set(who).send(body).expect(201);
  return (reply.body as { id: string }).id;
};
const offer = () => created('/api/tickets', seller, { title: 'Budget', price: 2500 });
const reserve = (ticketId: string, buyer = somebody()) =>
  eventually(() => created('/api/orders', buyer, orderFor([ticketId])));

const OPERATIONS: Record<keyof typeof BUDGET, (ticketId: string) => Promise<unknown>> = {
  'a ticket offered': () => offer(),
  'an edit': (id) =>
    request(host.app).patch(`/api/tickets/${id}`).set(seller).send({ price: 2600 }).expect(200),
  'a reservation': (id) => reserve(id),
  async 'a purchase'() {
    const ticketId = await offer();
    await settled();
    const buyer = somebody();
    const orderId = await reserve(ticketId, buyer);
    await created('/api/payments', buyer, { orderId, paymentMethod: 'pm_card_visa' });
  },
};

test.each(Object.entries(BUDGET))('%s keeps to its budget', async (name, budget) => {
  const operation = OPERATIONS[name as keyof typeof BUDGET];
  const each: Counts[] = [];
  const over = () =>
    Object.entries(budget).flatMap(([key, allowed]) => {
      const cost = Math.min(...each.map((one) => one[key as Counted]));
      return cost > allowed ? [`${key}: ${cost} where ${allowed} are allowed`] : [];
    });
  while (each.length === 0 || (over().length > 0 && each.length < TIMES)) {
    const ticketId = await offer();
    await settled();
    const before = await counts();
    await operation(ticketId);
    await settled();
    const after = await counts();
    const cost = Object.entries(after).map(([key, value]) => [key, value - before[key as Counted]]);
    each.push(Object.fromEntries(cost) as Counts);
  }
  expect(over()).toEqual([]);
});
