import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { memoryBus } from '../src/bus/memory.ts';
import { consume } from '../src/consume.ts';
import { TicketCreated } from '../src/contracts/ticket.ts';
import { on } from '../src/handler.ts';
import { INBOX, inboxModel, type InboxEntry } from '../src/inbox.ts';
import { silentLog } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';
import { envelope } from '../src/record.ts';
import { reject, type Rejection } from '../src/rejection.ts';
import { systemIds } from '../src/runtime.ts';
import type { Database, Store } from '../src/store.ts';
import { movableClock } from '../src/testing.ts';
import { testDatabase, type TestDatabase } from './database.ts';
import { NoteChanged } from './notes.ts';

let mongo: TestDatabase;
let store: Store<InboxEntry>;
const used: TestDatabase[] = [];
beforeEach(async () => {
  mongo = testDatabase();
  used.push(mongo);
  store = mongo.database.store(inboxModel);
  await mongo.database.prepare();
});
afterAll(async () => {
  for (const one of used) await one.destroy();
});

/** A service with one handler, and the means to send it something and to let time pass. */
const service = (handle: () => Promise<Rejection | undefined>, db: Database | undefined = mongo.database) => {
  const bus = memoryBus();
  const clock = movableClock();
  const tools = {
    service: 'notes',
    bus,
    db,
    clock,
    random: () => 1,
    log: silentLog,
    metrics: createMetrics(),
  };
  const consumer = consume([on(NoteChanged, handle)], tools);
  consumer.subscribe();
  const id = systemIds.next();
  const draft = NoteChanged({ id, version: 0, text: 'hi', rank: 0 });
  return {
    bus,
    clock,
    send: (message = JSON.stringify(envelope(draft, { source: '/notes' }, clock.now()))) =>
      bus.publish('note:changed', message),
    retry: async () => (await consumer.jobs[0]?.run()) as number,
    entry: () => store.findOne({ _id: `note:changed|note:changed/${id}/0` }),
  };
};

const failing = (times = Infinity) => {
  const handler = Object.assign(
    async () => {
      handler.calls += 1;
      if (handler.calls <= times) throw new Error(`failure ${handler.calls}`);
      return undefined;
    },
    { calls: 0 },
  );
  return handler;
};

test('an event whose handler fails is acknowledged and waits in the inbox', async () => {
  const { send, entry } = service(failing());
  await send();
  expect(await entry()).toMatchObject({ status: 'waiting', attempts: 1, error: 'Error: failure 1' });
});

test('it is tried again when it is due, not before, and is done when it succeeds', async () => {
  const handler = failing(1);
  const { send, retry, entry, clock } = service(handler);
  await send();
  expect(await retry()).toBe(0);
  clock.forward(600);
  expect(await retry()).toBe(1);
  const done = (await entry())!;
  expect(done).toMatchObject({ status: 'done', attempts: 2 });
  expect(done.leavesAt!.getTime()).toBeGreaterThan(clock.now().getTime() + 7 * 24 * 3600_000);
  clock.forward(3600_000);
  expect(await retry()).toBe(0);
  expect(handler.calls).toBe(2);
});

test('the delay doubles up to five minutes, and after the last try the event is dead', async () => {
  const handler = failing();
  const { send, retry, entry, clock } = service(handler);
  let before = clock.now();
  await send();
  for (const seconds of [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300]) {
    const { status, nextAt } = (await entry())!;
    expect(status).toBe('waiting');
    const failedAt = nextAt.getTime() - seconds * 1000;
    expect(failedAt).toBeGreaterThanOrEqual(before.getTime());
    expect(failedAt).toBeLessThanOrEqual(clock.now().getTime());
    clock.forward(seconds * 1000 + 5);
    before = clock.now();
    expect(await retry()).toBe(1);
  }
  expect(handler.calls).toBe(INBOX.maxAttempts);
  expect(await entry()).toMatchObject({
    status: 'dead',
    attempts: INBOX.maxAttempts,
    error: 'Error: failure 12',
  });
  clock.forward(24 * 3600_000);
  expect(await retry()).toBe(0);
});

test('a dead letter that is replayed is handled', async () => {
  const handler = failing(INBOX.maxAttempts);
  const { send, retry, entry, clock } = service(handler);
  await send();
  for (let n = 1; n < INBOX.maxAttempts; n++) {
    clock.forward(301_000);
    await retry();
  }
  expect(await entry()).toMatchObject({ status: 'dead' });
  await store.updateMany(
    { status: 'dead' },
    { $set: { status: 'waiting', attempts: 0, nextAt: clock.now() } },
  );
  expect(await retry()).toBe(1);
  expect(await entry()).toMatchObject({ status: 'done' });
});

test.each([
  ['is not JSON', 'hello'],
  ['is no CloudEvent', '{"id":"1"}'],
  [
    'breaks its contract',
    JSON.stringify({
      specversion: '1.0',
      id: 'x',
      source: '/x',
      type: 'note:changed',
      time: '2026-01-01T00:00:00Z',
      data: { id: 7 },
    }),
  ],
])('a message that %s is dead at once, and holds up nobody', async (_what, message) => {
  const handler = failing(0);
  const { send, retry, clock } = service(handler);
  await send(message);
  await send();
  expect(handler.calls).toBe(1);
  expect(await store.find({})).toMatchObject([{ status: 'dead', message }]);
  clock.forward(3600_000);
  expect(await retry()).toBe(0);
});

test('while the inbox cannot be written, a message whose handler fails stays with the broker', async () => {
  const broken: Database = {
    ...mongo.database,
    store: (model) => ({
      ...mongo.database.store(model),
      updateOne: () => Promise.reject(new Error('the database is out')),
    }),
  };
  await expect(service(failing(), broken).send()).rejects.toThrow('did not acknowledge');
});

test('a service without a database leaves what fails with the broker, but not what nobody can read', async () => {
  const bus = memoryBus();
  const tools = { service: 'notes', bus, db: undefined, clock: movableClock(), random: () => 1 };
  consume([on(NoteChanged, failing())], { ...tools, log: silentLog, metrics: createMetrics() }).subscribe();
  const draft = NoteChanged({ id: systemIds.next(), version: 0, text: 'hi', rank: 0 });
  const message = JSON.stringify(envelope(draft, { source: '/notes' }, new Date()));
  await expect(bus.publish('note:changed', message)).rejects.toThrow('did not acknowledge');
  await expect(bus.publish('note:changed', 'hello')).resolves.toBeUndefined();
});

test.each([
  ['conflict', 0],
  ['forbidden', 0],
  ['not-found', 1],
  ['unavailable', 1],
] as const)('a handler that refuses as %s leaves %i in the inbox', async (code, kept) => {
  const { send } = service(async () => reject(code, 'no'));
  await send();
  expect(await store.count({ status: 'waiting' })).toBe(kept);
});

test('an event that comes again while it waits is kept once', async () => {
  const { send } = service(failing());
  await Promise.all(Array.from({ length: 10 }, () => send()));
  expect(await store.find({})).toMatchObject([{ status: 'waiting', attempts: 1 }]);
});

test('several processes that retry at once share the work', async () => {
  const handler = failing(1);
  const { send, retry, clock } = service(handler);
  await send();
  clock.forward(600);
  const tried = await Promise.all(Array.from({ length: 8 }, retry));
  expect(tried.reduce((sum, one) => sum + one, 0)).toBe(1);
  expect(handler.calls).toBe(2);
});

test.each([
  ['another service sent', '/orders', 'ticket:created'],
  ['is of another kind', '/tickets', 'ticket:updated'],
])('a message that %s is dead at once, with who sent it as what', async (_what, source, type) => {
  const heard: string[] = [];
  const { bus, clock } = service(async () => undefined);
  const handler = on(TicketCreated, async ({ id }) => void heard.push(id));
  const tools = { service: 'notes', bus, db: mongo.database, clock, random: () => 1 };
  consume([handler], { ...tools, log: silentLog, metrics: createMetrics() }).subscribe();
  const now = clock.now();
  const ticket = { title: 'Opera', price: 1000, currency: 'usd', createdAt: now, updatedAt: now };
  const id = systemIds.next();
  const draft = TicketCreated({ ...ticket, id, saleId: id, sellerId: id, version: 0 });
  await bus.publish('ticket:created', JSON.stringify({ ...envelope(draft, { source }, now), type }));
  await bus.publish('ticket:created', JSON.stringify(envelope(draft, { source: '/tickets' }, now)));
  expect(heard).toEqual([draft.id]);
  const [dead] = await store.find({});
  expect(dead).toMatchObject({ status: 'dead' });
  expect(dead?.error).toContain(`${source} sent a ${type} as ticket:created, which is of /tickets alone`);
});
