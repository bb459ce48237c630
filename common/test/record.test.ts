import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { change, create, type Records } from '../src/record.ts';
import { isRejection, reject, type Rejection } from '../src/rejection.ts';
import type { Store } from '../src/store.ts';
import { traced } from '../src/trace.ts';
import { testDatabase } from './database.ts';
import { fresh, type Note, noteModel, notesOf, observed, recorder, SECRET } from './notes.ts';

const mongo = testDatabase();
let store: Store<Note>;
/** Nothing is published, so that what was written can be looked at. */
const silent = { connected: true, publish: () => new Promise<never>(() => undefined) };

beforeAll(async () => {
  store = mongo.database.store(noteModel);
  await mongo.database.prepare();
});
afterAll(() => mongo.destroy());

const made = async (notes: Records<Note>, fields: Partial<Note> = {}): Promise<Note> => {
  const note = await create(notes, fresh(fields));
  if (isRejection(note)) throw new Error(note.message);
  return note;
};
const load = async ({ _id }: Pick<Note, '_id'>) => (await store.findOne({ _id }))!;

test('making a record is one write, which carries the state and that it is to be told', async () => {
  const { store: watched, operations } = observed(store);
  const { bus, published } = recorder();
  const note = await made(notesOf(watched, bus));
  expect(operations).toEqual(['insert']);
  const stored = await load(note);
  expect(stored).toMatchObject({ version: 0, text: 'hello' });
  expect(stored.createdAt).toEqual(stored.updatedAt);
  expect(stored.pending).toEqual({ id: `${note._id}:0`, at: stored.createdAt });
  expect(published).toMatchObject([
    {
      specversion: '1.0',
      id: `note:changed/${note._id}/0`,
      source: '/notes',
      type: 'note:changed',
      subject: note._id,
      time: stored.createdAt.toISOString(),
      data: { id: note._id, version: 0, text: 'hello', rank: 0 },
    },
  ]);
});

test('an event tells only what its contract names', async () => {
  const { bus, published } = recorder();
  await made(notesOf(store, bus), { userId: 'nobody else may know' });
  expect(published[0]!.data).not.toHaveProperty('userId');
});

test('a change is one write on the version that it was decided on, with its marker', async () => {
  const note = await made(notesOf(store, silent));
  const { store: watched, operations } = observed(store);
  const after = await change(notesOf(watched, silent), note._id, ({ rank }) => ({ rank: rank + 5 }));
  expect(operations).toEqual(['findOne', 'updateOne']);
  expect(after).toMatchObject({ version: 1, rank: 5 });
  const stored = await load(note);
  expect(stored).toMatchObject({ version: 1, rank: 5 });
  expect(stored.pending).toEqual({ id: `${note._id}:1`, at: stored.updatedAt });
});

test('who is overtaken decides again on the newer state', async () => {
  const notes = notesOf(store, silent);
  const note = await made(notes);
  const seen: number[] = [];
  let overtaken = false;
  const slow: Records<Note> = {
    ...notes,
    async findOne(...wanted) {
      const found = await notes.findOne(...wanted);
      if (!overtaken) {
        overtaken = true;
        await change(notes, note._id, () => ({ rank: 40 }));
      }
      return found;
    },
  };
  await change(slow, note._id, ({ rank }) => {
    seen.push(rank);
    return { rank: rank + 1 };
  });
  expect(seen).toEqual([0, 40]);
  expect(await load(note)).toMatchObject({ rank: 41, version: 2 });
});

describe('given the document as last seen', () => {
  const up = ({ rank }: Note) => ({ rank: rank + 1 });

  test('a change loads nothing', async () => {
    const note = await made(notesOf(store, silent));
    const { store: watched, operations } = observed(store);
    expect(await change(notesOf(watched, silent), note, up)).toMatchObject({ rank: 1, version: 1 });
    expect(operations).toEqual(['updateOne']);
    expect(await load(note)).toMatchObject({ rank: 1, version: 1 });
  });

  test('who is overtaken decides again on the newer state', async () => {
    const notes = notesOf(store, silent);
    const note = await made(notes);
    await change(notes, note._id, () => ({ rank: 40 }));
    expect(await change(notes, note, up)).toMatchObject({ rank: 41, version: 2 });
  });

  test.each([
    ['no change', {}],
    ['a refusal', reject('conflict', 'not then')],
  ])('%s then says nothing about now', async (_what, then) => {
    const notes = notesOf(store, silent);
    const note = await made(notes);
    await change(notes, note._id, () => ({ rank: 40 }));
    const after = await change(notes, note, (seen) => (seen.rank === 0 ? then : up(seen)));
    expect(after).toMatchObject({ rank: 41, version: 2 });
  });
});

test('of fifty changes at once, none is lost', async () => {
  const { bus, published } = recorder();
  const notes = notesOf(store, bus);
  const note = await made(notes);
  await Promise.all(
    Array.from({ length: 50 }, () => change(notes, note._id, ({ rank }) => ({ rank: rank + 1 }))),
  );
  const stored = await load(note);
  expect(stored).toMatchObject({ rank: 50, version: 50 });
  expect(new Set(published.map(({ id }) => id)).size).toBe(51);
});

test('a change that never gets its turn gives up as overloaded', async () => {
  const notes = notesOf(store, silent);
  const note = await made(notes);
  const refused = {
    ...notes,
    updateOne: () => Promise.resolve({ matched: 0, upserted: false }),
  };
  expect(await change(refused, note._id, () => ({ rank: 1 }))).toMatchObject({
    code: 'unavailable',
    retryAfter: 1,
  });
});

test('a guard that does not hold stops the write, and the rule is asked again', async () => {
  const notes = notesOf(store, silent);
  const note = await made(notes, { userId: 'locked' });
  let asked = 0;
  const outcome = await change(
    notes,
    note._id,
    () => (++asked > 1 ? reject('conflict', 'is locked') : { rank: 1 }),
    { guard: { userId: 'open' } },
  );
  expect(outcome).toMatchObject({ code: 'conflict' });
  expect(await load(note)).toMatchObject({ rank: 0, version: 0 });
});

test.each([
  ['a refusal', () => reject('forbidden', 'no')],
  ['no changes', () => ({})],
])('%s writes nothing and announces nothing', async (_what, decide) => {
  const note = await made(notesOf(store, silent));
  const { store: watched, operations } = observed(store);
  await change(notesOf(watched, silent), note._id, decide as () => Rejection);
  expect(operations).toEqual(['findOne']);
  expect(await load(note)).toEqual(note);
});

test.each([
  ['a quiet change', { rank: 9 }, { quiet: true }],
  ['a change that its announcement does not tell', { userId: 'bob' }, {}],
])(
  '%s moves the version, announces nothing, and leaves what is still to be told',
  async (_what, changes, how) => {
    const { bus, published } = recorder();
    const note = await made(notesOf(store, silent));
    await change(notesOf(store, bus), note._id, () => changes, how);
    expect(await load(note)).toMatchObject({ ...changes, version: 1, pending: note.pending });
    expect(published).toEqual([]);
  },
);

test('what nobody is to know yet is kept without a marker, and neither relayed, swept nor published again', async () => {
  const { bus, published } = recorder();
  const notes = notesOf(store, bus);
  const note = await made(notes, { text: SECRET });
  expect(note).not.toHaveProperty('pending');
  expect(await change(notes, note._id, () => ({ rank: 1 }))).not.toHaveProperty('pending');
  expect(await load(note)).toEqual({ ...note, rank: 1, version: 1, updatedAt: expect.any(Date) });
  await notes.outbox.flush();
  await notes.outbox.sweep(0);
  expect(published.filter(({ data }) => data.id === note._id)).toEqual([]);
  const before = published.length;
  expect(await notes.outbox.republish(note.createdAt)).toMatchObject({ failed: [] });
  expect(published.slice(before).filter(({ data }) => data.id === note._id)).toEqual([]);
  expect(await change(notes, note._id, () => ({ text: 'news' }))).toHaveProperty('pending');
  expect(published.at(-1)).toMatchObject({ data: { id: note._id, version: 2, text: 'news' } });
});

test('a marker of what nobody is to know any more goes without a word', async () => {
  const { bus, published } = recorder();
  const note = await made(notesOf(store, silent), { text: 'news' });
  await store.updateOne({ _id: note._id }, { $set: { text: SECRET } });
  await notesOf(store, bus).outbox.sweep(-1000);
  expect(published.filter(({ data }) => data.id === note._id)).toEqual([]);
  expect(await load(note)).not.toHaveProperty('pending');
});

test('undefined takes a field away', async () => {
  const notes = notesOf(store, silent);
  const note = await made(notes, { name: 'to be forgotten' });
  expect(await change(notes, note._id, () => ({ name: undefined }))).not.toHaveProperty('name');
  expect(await load(note)).not.toHaveProperty('name');
});

test('what is not there cannot be changed', async () => {
  const { _id } = fresh();
  expect(await change(notesOf(store, silent), _id, () => ({ rank: 1 }))).toMatchObject({ code: 'not-found' });
});

test('where a unique index refuses a record, the answer is what was given for it', async () => {
  const notes = notesOf(store, silent);
  await made(notes, { name: 'taken' });
  const taken = reject('conflict', 'taken');
  expect(await create(notes, fresh({ name: 'taken' }), taken)).toBe(taken);
  await expect(create(notes, fresh({ name: 'taken' }))).rejects.toThrow('E11000');
});

test('a marker carries the trace of the request that caused it', async () => {
  const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const note = await traced(parent, () => made(notesOf(store, silent)));
  expect((await load(note)).pending).toMatchObject({ trace: parent });
});
