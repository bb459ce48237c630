import { describe, expect, test } from '@jest/globals';
import type { Pool } from '@ticketing/common/contracts/event';
import { rowAt } from '@ticketing/common/places';
import { choose } from '../src/domain/allowances.ts';
import {
  chooseForBuyers,
  chooseForGuests,
  choosePlaces,
  FOR_ALL,
  mark,
  roomOf,
} from '../src/domain/choice.ts';
import { passed } from '../src/domain/endings.ts';
import { rows } from '@ticketing/common/testing-event';

const room = (pool: Pool, taken: number[] = [], held: { from: number; to: number }[] = []) => {
  const made = roomOf(
    pool,
    { held: held.map((range) => ({ poolId: pool.id, ...range })), marks: [] },
    new Uint8Array(pool.capacity),
  );
  for (const place of taken) mark(made, place, true);
  return made;
};
const first = () => 0;

describe('the places that are chosen', () => {
  test('are beside each other in one row, the best that there are', () => {
    const pool = rows(4, 6);
    expect(choosePlaces(room(pool), 4, FOR_ALL, first)).toEqual([0, 1, 2, 3]);
    expect(choosePlaces(room(pool), 5, FOR_ALL, first)).toEqual([4, 5, 6, 7, 8]);
  });

  test('leave no single seat over where that can be helped', () => {
    const pool = rows(3, 4);
    // Two of three would leave one; two of four leave two.
    expect(choosePlaces(room(pool), 2, FOR_ALL, first)).toEqual([3, 4]);
    expect(choosePlaces(room(pool, [3, 4, 5, 6]), 2, FOR_ALL, first)).toEqual([0, 1]);
  });

  test('are torn only when no row has so many, and none when there are too few', () => {
    const pool = rows(2, 2);
    expect(choosePlaces(room(pool, [0]), 3, FOR_ALL, first)).toEqual([1, 2, 3]);
    expect(choosePlaces(room(pool, [0]), 4, FOR_ALL, first)).toBeUndefined();
  });

  test('are at either end of what is free, so that long runs stay for large groups', () => {
    const chosen = Array.from(
      { length: 50 },
      () => choosePlaces(room(rows(10)), 3, FOR_ALL, Math.random)![0],
    );
    expect([...new Set(chosen)].sort()).toEqual([0, 7]);
  });

  test('are torn for few groups until all is sold', () => {
    const hall = room(rows(...Array.from({ length: 100 }, (_, row) => 37 + (row % 7))));
    let [groups, torn] = [0, 0];
    for (let asked = 0; hall.left > 0; asked++) {
      const count = 1 + (asked % 6);
      const places = choosePlaces(hall, count, FOR_ALL, Math.random);
      if (!places) continue;
      groups += 1;
      const [at, end] = [places[0]!, places.at(-1)!];
      if (end - at !== count - 1 || rowAt(hall.ends, at) !== rowAt(hall.ends, end)) torn += 1;
      for (const place of places) mark(hall, place, true);
    }
    expect(torn / groups).toBeLessThan(0.03);
  });

  test('that are free again are found again', () => {
    const hall = room(rows(2, 2), [0, 1, 2, 3]);
    mark(hall, 1, false);
    expect(choosePlaces(hall, 1, FOR_ALL, first)).toEqual([1]);
    expect(hall.left).toBe(1);
  });

  test('are none that are held back', () => {
    const pool = rows(6);
    const some = room(pool, [], [{ from: 0, to: 2 }]);
    expect(choosePlaces(some, 3, FOR_ALL, first)).toEqual([3, 4, 5]);
    expect(choosePlaces(some, 4, FOR_ALL, first)).toBeUndefined();
  });

  test('of guests are those that are held back, and others only when they are too few', () => {
    const some = room(rows(6, 6), [], [{ from: 7, to: 9 }]);
    expect(chooseForGuests(some, 2, first)).toEqual([7, 8]);
    expect(chooseForGuests(some, 4, first)).toEqual([7, 8, 9, 0]);
    for (const place of [7, 8, 9]) mark(some, place, true);
    expect(chooseForGuests(some, 2, first)).toEqual([0, 1]);
    expect(chooseForGuests(some, 10, first)).toBeUndefined();
  });

  test('that somebody needs are the last to go', () => {
    const pool = rows(4);
    const marks = [{ poolId: pool.id, from: 0, to: 1 }];
    const some = roomOf(pool, { held: [], marks }, new Uint8Array(4));
    expect(chooseForBuyers(some, 2, first)).toEqual([2, 3]);
    expect(chooseForBuyers(some, 3, first)).toEqual([0, 1, 2]);
    expect(chooseForGuests(some, 2, first)).toEqual([2, 3]);
  });

  test('are some of all for those who come at once', () => {
    const pool = { id: 'b'.repeat(16), capacity: 1000 };
    const chosen = new Set(
      Array.from({ length: 200 }, () => choosePlaces(room(pool), 2, FOR_ALL, Math.random)![0]),
    );
    expect(chosen.size).toBeGreaterThan(30);
    expect(Math.max(...(chosen as Set<number>))).toBeLessThan(128);
  });
});

describe('allowances', () => {
  const need = { of: 't/u', count: 2, most: 4, refusal: undefined as never };

  test('are those that seem free, each once', () => {
    const used = new Map([['t/u', new Set([0, 2])]]);
    expect(choose(need, used, Math.random)!.sort()).toEqual(['t/u/1', 't/u/3']);
    expect(choose({ ...need, count: 3 }, used, Math.random)).toBeUndefined();
  });

  test('of a large number are found at once', () => {
    const chosen = choose({ ...need, count: 10, most: 1_000_000_000 }, new Map(), Math.random)!;
    expect(new Set(chosen).size).toBe(10);
  });
});

describe('a pass over the orders of a cancelled event', () => {
  const knownAt = new Date(1_000_000);
  const until = new Date(9_000_000);
  const ending = { _id: 'e', knownAt, until, ended: 0 };
  const at = (ms: number) => new Date(knownAt.getTime() + ms);

  test.each([
    ['that began at once is not the last one', at(0), 0, { nextAt: at(1000) }],
    ['that found something is not either', at(20_000), 3, { nextAt: at(21_000) }],
    [
      'that began late enough and found nothing is',
      at(10_000),
      0,
      { doneAt: at(10_000), nextAt: at(40_000) },
    ],
    ['after the event ends it', new Date(9_000_001), 0, { doneAt: new Date(9_000_001) }],
  ])('%s', (_, began, found, expected) => expect(passed(ending, began, found)).toEqual(expected));

  test('and what was done stays so', () => {
    expect(passed({ ...ending, doneAt: at(10_000) }, at(40_000), 0).doneAt).toEqual(at(10_000));
  });
});
