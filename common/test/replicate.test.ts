import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { replicate } from '../src/replicate.ts';
import type { Store } from '../src/store.ts';
import { testDatabase } from './database.ts';
import { type Thing, thingId, thingModel } from './replicas.ts';

const mongo = testDatabase();
let things: Store<Thing>;
let next = 0;
const newId = () => thingId(++next + 1_000_000);

beforeAll(async () => {
  things = mongo.database.store(thingModel);
  await mongo.database.prepare();
});
afterAll(() => mongo.destroy());

const state = (id: string, version: number) => ({ id, version, name: `v${version}` });
const versions = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 15 });

test('events that come repeated and in any order, one after the other, leave the newest', async () => {
  await fc.assert(
    fc.asyncProperty(versions, async (arrivals) => {
      const id = newId();
      let newest = -1;
      for (const version of arrivals) {
        expect(await replicate(things, state(id, version))).toBe(version > newest);
        newest = Math.max(newest, version);
      }
      expect(await things.findOne({ _id: id })).toEqual({ _id: id, version: newest, name: `v${newest}` });
    }),
    { numRuns: 60 },
  );
});

test('events that come all at once leave the newest', async () => {
  await fc.assert(
    fc.asyncProperty(versions, async (arrivals) => {
      const id = newId();
      await Promise.all(arrivals.map((version) => replicate(things, state(id, version))));
      expect(await things.findOne({ _id: id })).toMatchObject({ version: Math.max(...arrivals) });
    }),
    { numRuns: 60 },
  );
});

test('a repeat is no news', async () => {
  const id = newId();
  expect(await replicate(things, state(id, 3))).toBe(true);
  expect(await replicate(things, state(id, 3))).toBe(false);
  expect(await replicate(things, state(id, 2))).toBe(false);
});

test('a replica keeps fields that it does not know, and forgets those that the owner took away', async () => {
  const id = newId();
  await replicate(things, { ...state(id, 0), description: 'soon gone', colour: 'unknown here' });
  await replicate(things, { ...state(id, 1), colour: 'unknown here' });
  expect(await things.findOne({ _id: id })).toEqual({
    _id: id,
    version: 1,
    name: 'v1',
    colour: 'unknown here',
  });
});

test('text that looks like an operator is only text', async () => {
  const id = newId();
  await replicate(things, { ...state(id, 0), name: '$version' });
  expect(await things.findOne({ _id: id })).toMatchObject({ name: '$version' });
});

test('a tombstone stays: what was before it does not come back', async () => {
  const id = newId();
  const deletedAt = new Date('2026-01-01T00:00:00Z');
  await replicate(things, { ...state(id, 2), deletedAt });
  await replicate(things, state(id, 1));
  expect(await things.findOne({ _id: id })).toMatchObject({ version: 2, deletedAt });
});

test('of 2,000 replicas that two processes race for, none is left behind', async () => {
  const REPLICAS = 2000;
  const racer = (...raced: number[]) =>
    fork(join(import.meta.dirname, 'racer.ts'), [mongo.name, String(REPLICAS), ...raced.map(String)], {
      execArgv: ['--conditions=source'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  const racers = [racer(0, 2), racer(1, 3)];
  await Promise.all(racers.map((one) => once(one, 'message')));
  const ends = racers.map((one) => once(one, 'exit'));
  for (const one of racers) one.send('go');
  for (const end of ends) expect(await end).toEqual([0, null]);
  const raced = { _id: { $lt: thingId(REPLICAS) } };
  expect(await things.count(raced)).toBe(REPLICAS);
  expect(await things.count({ ...raced, version: { $ne: 3 } })).toBe(0);
});
