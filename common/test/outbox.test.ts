import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { change, create, type Records } from '../src/record.ts';
import { isRejection } from '../src/rejection.ts';
import { systemIds } from '../src/runtime.ts';
import type { Store } from '../src/store.ts';
import { eventually, movableClock } from '../src/testing.ts';
import { testDatabase, type TestDatabase } from './database.ts';
import { fresh, type Note, noteModel, notesOf, recorder } from './notes.ts';

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
const waiting = async ({ _id }: Note) => (await store.findOne({ _id }))!.outbox.map(({ id }) => id);

test('what is written is published at once and leaves the outbox', async () => {
  const { bus, published } = recorder();
  const notes = notesOf(store, bus);
  const note = await made(notes);
  await notes.outbox.idle();
  expect(published).toMatchObject([{ id: `note:changed/${note._id}/0`, data: { version: 0 } }]);
  expect(await waiting(note)).toEqual([]);
});

test('a process that dies between write and publish loses nothing: the next sweep of any process publishes it', async () => {
  const dead = { connected: true, publish: () => new Promise<never>(() => undefined) };
  const note = await made(notesOf(store, dead));
  expect(await waiting(note)).toHaveLength(1);
  const { bus, published } = recorder();
  const clock = movableClock();
  clock.forward(10);
  expect(await notesOf(store, bus, clock).outbox.sweep(0)).toBe(1);
  expect(published).toMatchObject([{ id: `note:changed/${note._id}/0` }]);
  expect(await waiting(note)).toEqual([]);
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
  await notes.outbox.idle();
  clock.forward(10);
  expect(await notes.outbox.sweep(0)).toBe(0);
  expect(await waiting(note)).toHaveLength(1);
  broken = false;
  expect(await notes.outbox.sweep(0)).toBe(1);
  expect(published).toHaveLength(1);
  expect(await waiting(note)).toEqual([]);
});

test('a sweep leaves young events to the process that wrote them', async () => {
  const dead = { connected: true, publish: () => new Promise<never>(() => undefined) };
  const note = await made(notesOf(store, dead));
  const { bus, published } = recorder();
  const clock = movableClock();
  const { outbox } = notesOf(store, bus, clock);
  expect(await outbox.sweep(4000)).toBe(0);
  expect(published).toEqual([]);
  clock.forward(4500);
  expect(await outbox.sweep(4000)).toBe(1);
  expect(await waiting(note)).toEqual([]);
});

test('a sweep without a broker tries nothing', async () => {
  const { bus, published } = recorder();
  const clock = movableClock();
  const note = await made(notesOf(store, { ...bus, publish: () => new Promise<never>(() => undefined) }));
  clock.forward(10);
  expect(await notesOf(store, { ...bus, connected: false }, clock).outbox.sweep(0)).toBe(0);
  expect(published).toEqual([]);
  expect(await waiting(note)).toHaveLength(1);
});

test('a published event is taken out by its id: one that came meanwhile stays', async () => {
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
  expect(await waiting(note)).toHaveLength(2);
  release();
  await eventually(async () => (await waiting(note)).length === 1);
  expect(await waiting(note)).toEqual([`note:changed/${note._id}/1`]);
});

test('what was published but could not be taken out is published again: at least once', async () => {
  const { bus, published } = recorder();
  const clock = movableClock();
  const lame = { ...store, updateMany: () => Promise.reject(new Error('the database is out')) };
  const notes = notesOf(lame, bus, clock);
  const note = await made(notes);
  await notes.outbox.idle();
  expect(await waiting(note)).toHaveLength(1);
  clock.forward(10);
  await notesOf(store, bus, clock).outbox.sweep(0);
  expect(published.map(({ id }) => id)).toEqual(Array(2).fill(`note:changed/${note._id}/0`));
  expect(await waiting(note)).toEqual([]);
});

test('a sweep goes on until nothing is left, page after page', async () => {
  const dead = { connected: true, publish: () => new Promise<never>(() => undefined) };
  const notes = notesOf(store, dead);
  for (let n = 0; n < 1200; n += 100) await Promise.all(Array.from({ length: 100 }, () => made(notes)));
  const { bus, published } = recorder();
  const clock = movableClock();
  clock.forward(10);
  expect(await notesOf(store, bus, clock).outbox.sweep(0)).toBe(1200);
  expect(new Set(published.map(({ id }) => id)).size).toBe(1200);
  expect(await store.count({ 'outbox.0': { $exists: true } })).toBe(0);
});

test('republishing tells the present state of everything that changed since, ties and pages included', async () => {
  const moment = new Date('2026-01-01T12:00:00Z');
  const same = { now: () => moment, sleep: () => Promise.resolve() };
  const { bus, published } = recorder();
  const notes = notesOf(store, bus, same);
  for (let n = 0; n < 1100; n += 100) await Promise.all(Array.from({ length: 100 }, () => made(notes)));
  const one = await made(notes, { _id: systemIds.next() });
  await change(notes, one._id, () => ({ text: 'newer' }));
  await notes.outbox.idle();
  published.length = 0;
  expect(await notes.outbox.republish(new Date(moment.getTime() + 1))).toBe(0);
  expect(await notes.outbox.republish(moment)).toBe(1101);
  expect(new Set(published.map(({ id }) => id)).size).toBe(1101);
  expect(published.find(({ id }) => id === `note:changed/${one._id}/1`)?.data.text).toBe('newer');
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
