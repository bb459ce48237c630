import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mongoServer } from '@ticketing/common/mongo';
import { movableClock } from '@ticketing/common/testing';
import { sweep } from '../src/commands/sweep.ts';
import type { Gateway, News } from '../src/gateway.ts';
import { cursorModel } from '../src/model.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const server = mongoServer(process.env['TEST_MONGO_URL'] ?? '');
const database = server.database(`test-sweep-${randomBytes(4).toString('hex')}`);
const Cursors = database.store(cursorModel);
const clock = movableClock();
const news = (intentId: string): News => ({ about: 'refund', intentId });

/** What the provider was asked, and what of its answers was heard; hearing fails while it does not work. */
let asked: { back: number; by: string }[] = [];
let heard: string[] = [];
let works = true;
const sweepOnce = sweep({
  Cursors,
  clock,
  everyMs: MINUTE,
  gateway: {
    since: (moment, by) => {
      asked.push({ back: Math.round((clock.now().getTime() - moment.getTime()) / MINUTE), by });
      return Promise.resolve([news('pi_1'), news('pi_2'), news('pi_1')]);
    },
  } as Pick<Gateway, 'since'> as Gateway,
  hear: ({ intentId }) => {
    heard.push(intentId);
    return works ? Promise.resolve() : Promise.reject(new Error('not heard'));
  },
});

beforeAll(() => database.prepare());
beforeEach(async () => {
  await Cursors.deleteMany({});
  [asked, heard, works] = [[], [], true];
});
afterAll(async () => {
  await database.connection?.dropDatabase();
  await server.close();
});

test('at first all that the provider still lists is heard, each thing once', async () => {
  await sweepOnce();
  expect(asked).toEqual([{ back: 29 * 24 * 60 - 10, by: 'events' }]);
  expect(heard).toEqual(['pi_1', 'pi_2']);
});

test('then ten minutes more than since it was last asked, as what happened is not listed in order', async () => {
  await sweepOnce();
  clock.forward(5 * MINUTE);
  await sweepOnce();
  expect(asked.at(-1)).toEqual({ back: 15, by: 'events' });
});

test('beyond what it keeps as events it is asked by the balance', async () => {
  await sweepOnce();
  clock.forward(29 * DAY);
  await sweepOnce();
  expect(asked.at(-1)).toEqual({ back: 29 * 24 * 60 + 10, by: 'balance' });
});

test('what was not heard is asked for again, and holds up nothing else', async () => {
  await sweepOnce();
  clock.forward(5 * MINUTE);
  [heard, works] = [[], false];
  await expect(sweepOnce()).rejects.toThrow('not heard');
  expect(heard).toEqual(['pi_1', 'pi_2']);
  works = true;
  clock.forward(5 * MINUTE);
  await sweepOnce();
  expect(asked.at(-1)).toEqual({ back: 20, by: 'events' });
});

test('one of several processes asks, and not before it is time again', async () => {
  await Promise.all(Array.from({ length: 5 }, () => sweepOnce()));
  await sweepOnce();
  expect(asked).toHaveLength(1);
  clock.forward(MINUTE);
  await Promise.all(Array.from({ length: 5 }, () => sweepOnce()));
  expect(asked).toHaveLength(2);
});
