import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { change, create, type Records } from '../src/record.ts';
import { isRejection } from '../src/rejection.ts';
import { type Clock, systemClock, systemIds } from '../src/runtime.ts';
import type { Store } from '../src/store.ts';
import { eventually, movableClock } from '../src/testing.ts';
import { traced } from '../src/trace.ts';
import { testDatabase, type TestDatabase } from './database.ts';
import { fresh, type Note, noteModel, notesOf, observed, recorder } from './notes.ts';

let mongo: TestDatabase;
let store: Store<Note>;
const used: TestDatabase[] = [];
beforeEach(async () => {
  mongo = testDatabase();
  used.push(mongo);
  store = mongo.database.store(noteModel);
  await mongo.database.prepare();
});
afterAll(async () => {
  for (const one of used) await one.destroy();
});

const made = async (notes: Records<Note>, fields: Partial<Note> = {}): Promise<Note> => {
  const note = await create(notes, fresh(fields));
  if (isRejection(note)) throw new Error(note.message);
  return note;
};
/** The marker that a note has, if any. */
const waiting = async ({ _id }: Note) => (await store.findOne({ _id }))!.pending?.id;
/** What is told later is told later still, however slow the machine is. */
const unhurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(10 * ms, signal) };
const dead = { connected: true, publish: () => new Promise<never>(() => undefined) };

test('what is written is published at once, and its marker goes', async () => {
  const { bus, published } = recorder();
  const notes = notesOf(store, bus);
  const note = await made(notes);
  await notes.outbox.flush();
  expect(published).toMatchObject([{ id: `note:changed/${note._id}/0`, data: { version: 0 } }]);
  expect(await waiting(note)).toBeUndefined();
});

test('a process that dies between write and publish loses nothing: the next sweep of any process publishes it', async () => {
  const note = await made(notesOf(store, dead));
  expect(await waiting(note)).toBe(`${note._id}:0`);
  const { bus, published } = recorder();
  const clock = movableClock();
  clock.forward(10);
  expect(await notesOf(store, bus, clock).outbox.sweep(0)).toBe(1);
  expect(published).toMatchObject([{ id: `note:changed/${note._id}/0` }]);
  expect(await waiting(note)).toBeUndefined();
});

test('what the broker refuses stays, until a sweep gets it through', async () => {
  const { bus, published } = recorder();
  let broken = true;
  const flaky = {
    connected: true,
    publish: (subject: string, message: string) =>
      broken ? Promise.reject(new Error('the broker is out')) : bus.publish(subject, message),
  };
  const clock = movableClock();
  const notes = notesOf(store, flaky, clock);
  const note = await made(notes);
  await notes.outbox.flush();
  clock.forward(10);
  expect(await notes.outbox.sweep(0)).toBe(0);
  expect(await waiting(note)).toBe(`${note._id}:0`);
  broken = false;
  expect(await notes.outbox.sweep(0)).toBe(1);
  expect(published).toHaveLength(1);
  expect(await waiting(note)).toBeUndefined();
});

test('a sweep leaves young events to the process that wrote them', async () => {
  const note = await made(notesOf(store, dead));
  const { bus, published } = recorder();
  const clock = movableClock();
  const { outbox } = notesOf(store, bus, clock);
  expect(await outbox.sweep(4000)).toBe(0);
  expect(published).toEqual([]);
  clock.forward(4500);
  expect(await outbox.sweep(4000)).toBe(1);
  expect(await waiting(note)).toBeUndefined();
});

test('a sweep without a broker tries nothing', async () => {
  const { bus, published } = recorder();
  const clock = movableClock();
  const note = await made(notesOf(store, dead));
  clock.forward(10);
  expect(await notesOf(store, { ...bus, connected: false }, clock).outbox.sweep(0)).toBe(0);
  expect(published).toEqual([]);
  expect(await waiting(note)).toBe(`${note._id}:0`);
});

test('a marker is taken away by what was published: one that came meanwhile stays', async () => {
  let release = () => {};
  const first = new Promise<void>((resolve) => {
    release = resolve;
  });
  const bus = {
    connected: true,
    publish: (_subject: string, message: string) =>
      message.includes('"version":0') ? first : new Promise<never>(() => undefined),
  };
  const notes = notesOf(store, bus);
  const note = await made(notes);
  await change(notes, note._id, () => ({ rank: 1 }));
  const other = await made(notes);
  release();
  // One write takes all away that was published before it.
  await eventually(async () => (await waiting(other)) === undefined);
  expect(await waiting(note)).toBe(`${note._id}:1`);
});

test('many markers go in one write', async () => {
  const { store: watched, operations } = observed(store);
  const notes = notesOf(watched, recorder().bus);
  const many = await Promise.all(Array.from({ length: 100 }, () => made(notes)));
  await eventually(async () => (await store.count({ 'pending.at': { $exists: true } })) === 0);
  expect(operations.filter((operation) => operation === 'updateMany').length).toBeLessThan(10);
  expect(many).toHaveLength(100);
});

describe('what may be told later', () => {
  const soon = { after: 300 };
  const started = (notes: Records<Note>) => create(notes, fresh(), undefined, soon) as Promise<Note>;

  test('is told when its time has come', async () => {
    const { bus, published } = recorder();
    const note = await started(notesOf(store, bus, unhurried));
    expect(published).toEqual([]);
    expect(await waiting(note)).toBe(`${note._id}:0`);
    await eventually(() => published.length === 1);
    expect(published).toMatchObject([{ id: `note:changed/${note._id}/0` }]);
  });

  test('is not told when a newer change comes first', async () => {
    const { bus, published } = recorder();
    const notes = notesOf(store, bus, unhurried);
    let note: Note;
    let since: number;
    // As often as the machine was slower than what waits.
    do {
      since = Date.now();
      note = await started(notes);
      await change(notes, note, () => ({ rank: 1 }));
    } while (Date.now() - since >= soon.after);
    const later = await started(notes);
    await eventually(() => published.some(({ data }) => data.id === later._id));
    expect(published.filter(({ data }) => data.id === note._id).map(({ data }) => data.version)).toEqual([1]);
  });

  test('is told when only a quiet change comes first', async () => {
    const { bus, published } = recorder();
    const notes = notesOf(store, bus);
    const note = await started(notes);
    await change(notes, note, () => ({ userId: 'bob' }));
    await eventually(() => published.length === 1);
    expect(published).toMatchObject([{ id: `note:changed/${note._id}/0` }]);
    await eventually(async () => (await waiting(note)) === undefined);
  });

  test('is told at once by a process that ends', async () => {
    const { bus, published } = recorder();
    const notes = notesOf(store, bus);
    const note = await started(notes);
    await notes.outbox.flush();
    expect(published).toHaveLength(1);
    expect(await waiting(note)).toBeUndefined();
  });

  test('is told by the sweeper of any process when its own has died', async () => {
    const clock = movableClock();
    using _ = clock.still();
    const note = await started(notesOf(store, dead, clock));
    const { bus, published } = recorder();
    const { outbox } = notesOf(store, bus, clock);
    clock.forward(4200);
    expect(await outbox.sweep(4000)).toBe(0);
    clock.forward(300);
    expect(await outbox.sweep(4000)).toBe(1);
    expect(published).toHaveLength(1);
    expect(await waiting(note)).toBeUndefined();
  });
});

test('a sweep tells the present state as part of the trace of the change, though a quiet one moved the version', async () => {
  const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const notes = notesOf(store, dead);
  const note = await traced(parent, () => made(notes));
  await change(notes, note, () => ({ rank: 7 }), { quiet: true });
  const { bus, published } = recorder();
  const clock = movableClock();
  clock.forward(10);
  await notesOf(store, bus, clock).outbox.sweep(0);
  const time = note.createdAt.toISOString();
  expect(published).toMatchObject([{ data: { version: 1, rank: 7 }, traceparent: parent, time }]);
  expect(await waiting(note)).toBeUndefined();
});

test('what the release before left in its outbox is told word for word and leaves it', async () => {
  const { bus, published } = recorder();
  const notes = notesOf(store, bus);
  const note = await made(notes);
  await notes.outbox.flush();
  published.length = 0;
  const at = (ms: number) => new Date(Date.now() - ms);
  const former = [20_000, 10_000, 0].map((ms) => notes.announce({ ...note, version: ms }, at(ms))!);
  await store.updateOne({ _id: note._id }, { $push: { outbox: { $each: former } } });
  expect(await notes.outbox.sweep(4000)).toBe(2);
  expect(published).toEqual(former.slice(0, 2));
  // Its own process is at work on the young one.
  expect(await store.findOne({ _id: note._id })).toMatchObject({ outbox: [{ id: former[2]!.id }] });
});

test('what was published but kept its marker is published again: at least once', async () => {
  const { bus, published } = recorder();
  const clock = movableClock();
  const lame = { ...store, updateMany: () => Promise.reject(new Error('the database is out')) };
  const notes = notesOf(lame, bus, clock);
  const note = await made(notes);
  await notes.outbox.flush();
  expect(await waiting(note)).toBe(`${note._id}:0`);
  clock.forward(10);
  await notesOf(store, bus, clock).outbox.sweep(0);
  expect(published.map(({ id }) => id)).toEqual(Array(2).fill(`note:changed/${note._id}/0`));
  expect(await waiting(note)).toBeUndefined();
});

test('a sweep goes on until nothing is left, page after page', async () => {
  const notes = notesOf(store, dead);
  for (let n = 0; n < 1200; n += 100) await Promise.all(Array.from({ length: 100 }, () => made(notes)));
  const { bus, published } = recorder();
  const clock = movableClock();
  clock.forward(10);
  expect(await notesOf(store, bus, clock).outbox.sweep(0)).toBe(1200);
  expect(new Set(published.map(({ id }) => id)).size).toBe(1200);
  expect(await store.count({ 'pending.at': { $exists: true } })).toBe(0);
});

test('republishing tells the present state of everything that changed since, ties and pages included', async () => {
  const moment = new Date('2026-01-01T12:00:00Z');
  const same = { now: () => moment, sleep: () => Promise.resolve() };
  const { bus, published } = recorder();
  const notes = notesOf(store, bus, same);
  for (let n = 0; n < 1100; n += 100) await Promise.all(Array.from({ length: 100 }, () => made(notes)));
  const one = await made(notes, { _id: systemIds.next() });
  await change(notes, one._id, () => ({ text: 'newer' }));
  await notes.outbox.flush();
  published.length = 0;
  const { outbox } = notes;
  expect(await outbox.republish(new Date(moment.getTime() + 1))).toEqual({ published: 0, failed: [] });
  expect(await outbox.republish(moment)).toEqual({ published: 1101, failed: [] });
  expect(new Set(published.map(({ id }) => id)).size).toBe(1101);
  expect(published.find(({ id }) => id === `note:changed/${one._id}/1`)?.data.text).toBe('newer');
});

test('what cannot be announced holds up nothing else, neither of a sweep nor of a republication, which names it', async () => {
  const notes = notesOf(store, dead);
  const [bad, good] = [await made(notes), await made(notes)];
  await store.updateOne({ _id: bad._id }, { $unset: { text: '' } });
  const { bus, published } = recorder();
  const clock = movableClock();
  const { outbox } = notesOf(store, bus, clock);
  clock.forward(10);
  expect(await outbox.sweep(0)).toBe(1);
  expect(await waiting(bad)).toBe(`${bad._id}:0`);
  expect(await outbox.republish(new Date(0))).toEqual({ published: 1, failed: [bad._id] });
  expect(published.map(({ data }) => data.id)).toEqual([good._id, good._id]);
});

test('a sweep and a republication tell only what no failover takes back', async () => {
  const db = mongo.database.connection!.db!;
  expect(db.writeConcern?.w).toBe('majority');
  await db.command({ profile: 2 });
  const { outbox } = notesOf(store, recorder().bus);
  await outbox.sweep(0);
  await outbox.republish(new Date());
  await db.command({ profile: 0 });
  const reads = await db.collection('system.profile').find({ op: 'query' }).toArray();
  const read = { command: { find: 'notes', readConcern: { level: 'majority' } } };
  expect(reads).toMatchObject([read, read, read]);
});

test('a process ends though messages go on coming, each of which makes another change', async () => {
  const many = 200;
  const told: string[] = [];
  const busy = {
    connected: true,
    publish: async (_subject: string, message: string) => {
      told.push((JSON.parse(message) as { data: { id: string } }).data.id);
      if (told.length < many) await made(notes);
    },
  };
  const notes = notesOf(store, busy);
  const first = await made(notes);
  await eventually(() => told.length > 3);
  const last = await made(notes);
  await notes.outbox.flush();
  expect(told.length).toBeLessThan(many);
  await eventually(() => told.length >= many);
  for (const note of [first, last]) {
    expect(told).toContain(note._id);
    expect(await waiting(note)).toBeUndefined();
  }
});

test('more than a thousand publishes in flight are left to the sweeper', async () => {
  let inFlight = 0;
  const slow = {
    connected: true,
    publish: () => {
      inFlight += 1;
      return new Promise<never>(() => undefined);
    },
  };
  const notes = notesOf(store, slow);
  for (let n = 0; n < 1100; n += 100) await Promise.all(Array.from({ length: 100 }, () => made(notes)));
  expect(inFlight).toBe(1000);
});
