import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { silentLog } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';
import { create, type Records } from '../src/record.ts';
import { isRejection } from '../src/rejection.ts';
import { republisher } from '../src/republish.ts';
import { systemClock } from '../src/runtime.ts';
import { eventually } from '../src/testing.ts';
import { testDatabase } from './database.ts';
import { fresh, type Note, noteModel, notesOf, recorder } from './notes.ts';

const mongo = testDatabase();
const { bus, published } = recorder();
let notes: Records<Note>;

beforeAll(async () => {
  const store = mongo.database.store(noteModel);
  notes = notesOf(store, bus);
  start();
  await mongo.database.prepare();
});
afterAll(() => mongo.destroy());

/** A process that starts: what it does about a broker that may have lost what it held meanwhile. */
const start = () => {
  const { jobs } = republisher([notes.outbox], {
    service: 'notes',
    bus: { ...bus, subscribe: () => undefined, onRestored: () => undefined, close: () => Promise.resolve() },
    db: mongo.database,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
    remote: true,
  });
  return jobs.find(({ name }) => name === 'healthy')!;
};

const written = async (text: string) => {
  const note = await create(notes, fresh({ text }));
  if (isRejection(note)) throw new Error(note.message);
  await eventually(async () => (await notes.findOne({ _id: note._id }))?.outbox.length === 0);
  return note;
};
const told = () => published.splice(0).map(({ data }) => data.text);

test('without a note of a healthy broker, a start publishes everything again; with one, what changed since', async () => {
  const old = await written('old');
  await notes.updateOne({ _id: old._id }, { $set: { updatedAt: new Date(Date.now() - 24 * 3600_000) } });
  await written('new');
  expect(told()).toEqual(['old', 'new']);
  const first = start();
  await first.run();
  expect(told()).toEqual(['old', 'new']);
  await first.run();
  expect(told()).toEqual([]);
  await start().run();
  expect(told()).toEqual(['new']);
});
