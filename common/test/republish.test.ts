import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';
import { create, type Records } from '../src/record.ts';
import { isRejection } from '../src/rejection.ts';
import { type Operation, republisher } from '../src/republish.ts';
import { systemIds } from '../src/runtime.ts';
import type { Store } from '../src/store.ts';
import { eventually, movableClock } from '../src/testing.ts';
import { testDatabase } from './database.ts';
import { fresh, type Note, noteModel, notesOf, recorder } from './notes.ts';

const mongo = testDatabase();
const { bus, published } = recorder();
const clock = movableClock();
let store: Store<Note>;
let notes: Records<Note>;

beforeAll(async () => {
  store = mongo.database.store(noteModel);
  notes = notesOf(store, bus);
  start();
  await mongo.database.prepare();
});
afterAll(() => mongo.destroy());

/** A process that starts: what it does about a broker that may have lost what it held meanwhile. */
const start = (its: Records<Note> = notes) => {
  let restored: (lastHealthy: Date) => void | Promise<void> = () => undefined;
  const { jobs } = republisher([its.outbox], {
    service: 'notes',
    bus: {
      ...bus,
      subscribe: () => undefined,
      onRestored: (listener) => (restored = listener),
      close: () => Promise.resolve(),
    },
    db: mongo.database,
    clock,
    log: silentLog,
    metrics: createMetrics(),
    remote: true,
  });
  const run = (wanted: string) => jobs.find(({ name }) => name === wanted)!.run();
  return { stayHealthy: () => run('healthy'), onCommand: () => run('republish'), restored };
};
const operations = () => mongo.database.connection!.collection<Operation>('operations');

const written = async (text: string) => {
  const note = await create(notes, fresh({ text }));
  if (isRejection(note)) throw new Error(note.message);
  await eventually(async () => (await notes.findOne({ _id: note._id }))?.pending === undefined);
  return note;
};
const told = () => published.splice(0).map(({ data }) => data.text);

test('without a note of a healthy broker, a start publishes everything again; with one, what changed since', async () => {
  const old = await written('old');
  await notes.updateOne({ _id: old._id }, { $set: { updatedAt: new Date(Date.now() - 24 * 3600_000) } });
  await written('new');
  expect(told()).toEqual(['old', 'new']);
  const first = start();
  await first.stayHealthy();
  expect(told()).toEqual(['old', 'new']);
  await first.stayHealthy();
  expect(told()).toEqual([]);
  await start().stayHealthy();
  expect(told()).toEqual(['new']);
});

test('a regained broker is not noted as healthy before it has again what it may have lost', async () => {
  const noted = async () => (await operations().findOne({ _id: 'healthy' }))!.since;
  const process = start();
  await process.stayHealthy();
  await written('of the outage');
  const before = await noted();
  clock.forward(60_000);
  const gate = Promise.withResolvers<undefined>();
  const slow = start(notesOf(store, { connected: true, publish: () => gate.promise }));
  const restored = slow.restored(before);
  await slow.stayHealthy();
  expect(await noted()).toEqual(before);
  gate.resolve(undefined);
  await restored;
  clock.forward(60_000);
  await process.stayHealthy();
  expect((await noted()).getTime()).toBeGreaterThan(before.getTime());
});

test('a republication that failed is made up for before the broker is noted as healthy again', async () => {
  const noted = async () => (await operations().findOne({ _id: 'healthy' }))!.since;
  await start().stayHealthy();
  await written('of the outage');
  const before = await noted();
  told();
  clock.forward(60_000);
  let out = true;
  const again: string[] = [];
  const publish = (_subject: string, message: string) => {
    if (out) return Promise.reject(new Error('gone'));
    again.push((JSON.parse(message) as { data: { text: string } }).data.text);
    return Promise.resolve();
  };
  const process = start(notesOf(store, { connected: true, publish }));
  await process.stayHealthy().catch(() => undefined);
  await expect(process.restored(before)).rejects.toThrow('gone');
  await expect(process.stayHealthy()).rejects.toThrow('gone');
  expect(await noted()).toEqual(before);
  out = false;
  await process.stayHealthy();
  expect(again).toContain('of the outage');
  expect((await noted()).getTime()).toBeGreaterThan(before.getTime());
});

describe('a commanded republication', () => {
  const asked = () => operations().findOne({ _id: 'asked' });
  beforeEach(async () => {
    await operations().deleteOne({ _id: 'asked' });
    await operations().insertOne({ _id: 'asked', kind: 'republish', since: new Date(0), status: 'waiting' });
  });

  test('says with each page that it is alive, so that no other process takes it up', async () => {
    const [note] = await notes.find({}, { limit: 1 });
    const many = Array.from({ length: 1500 }, () => ({ ...note!, _id: systemIds.next() }));
    await mongo.database.connection!.collection<{ _id: string }>('notes').insertMany(many);
    const begun = clock.now();
    let count = 0;
    const publish = async () => {
      count += 1;
      if (count === 1) clock.forward(50_000);
      if (count !== 1001) return;
      expect((await asked())!.startedAt!.getTime()).toBeGreaterThan(begun.getTime() + 49_000);
    };
    await start(notesOf(store, { connected: true, publish })).onCommand();
    expect(await asked()).toMatchObject({ status: 'done', published: count });
    expect(count).toBeGreaterThan(1500);
  });

  test('names what cannot be announced, and publishes the rest', async () => {
    const bad = await written('bad');
    await notes.updateOne({ _id: bad._id }, { $unset: { text: '' } });
    told();
    await start().onCommand();
    const { published: count, ...operation } = (await asked())!;
    expect(operation).toMatchObject({ status: 'done', failed: [bad._id] });
    expect(told()).toHaveLength(count!);
    await notes.deleteMany({ _id: bad._id });
  });

  test('that fails waits for another try', async () => {
    const failing = { connected: true, publish: () => Promise.reject(new Error('gone')) };
    await expect(start(notesOf(store, failing)).onCommand()).rejects.toThrow('gone');
    expect(await asked()).toMatchObject({ status: 'waiting' });
  });

  test('that fails after another process has done it stays done', async () => {
    let done: Promise<unknown> | undefined;
    const publish = async () => {
      await (done ??= operations().updateOne({ _id: 'asked' }, { $set: { status: 'done', published: 7 } }));
      throw new Error('gone');
    };
    await expect(start(notesOf(store, { connected: true, publish })).onCommand()).rejects.toThrow('gone');
    expect(await asked()).toMatchObject({ status: 'done', published: 7 });
  });
});
