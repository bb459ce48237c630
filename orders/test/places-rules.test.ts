import { describe, expect, test } from '@jest/globals';
import type { Pool } from '@ticketing/common/contracts/event';
import { choose } from '../src/domain/allowances.ts';
import { choosePlaces } from '../src/domain/choice.ts';
import { passed } from '../src/domain/endings.ts';

const rows = (...seats: number[]): Pool => ({
  id: 'a'.repeat(16),
  capacity: seats.reduce((sum, n) => sum + n, 0),
  blocks: [{ name: 'A', rows: seats.map((n, row) => ({ label: `${row + 1}`, seats: n })) }],
});
const taken = (pool: Pool, ...places: number[]) => {
  const bitmap = new Uint8Array(pool.capacity);
  for (const place of places) bitmap[place] = 1;
  return bitmap;
};
const first = () => 0;

describe('the places that are chosen', () => {
  test('are beside each other in one row, the best that there are', () => {
    const pool = rows(4, 6);
    expect(choosePlaces({ pool, count: 4, except: [] }, taken(pool), first)).toEqual([0, 1, 2, 3]);
    expect(choosePlaces({ pool, count: 5, except: [] }, taken(pool), first)).toEqual([4, 5, 6, 7, 8]);
  });

  test('leave no single seat over where that can be helped', () => {
    const pool = rows(3, 4);
    // Two of three would leave one; two of four leave two.
    expect(choosePlaces({ pool, count: 2, except: [] }, taken(pool), first)).toEqual([3, 4]);
    expect(choosePlaces({ pool, count: 2, except: [] }, taken(pool, 3, 4, 5, 6), first)).toEqual([0, 1]);
  });

  test('are torn only when no row has so many, and none when there are too few', () => {
    const pool = rows(2, 2);
    expect(choosePlaces({ pool, count: 3, except: [] }, taken(pool, 0), first)).toEqual([1, 2, 3]);
    expect(choosePlaces({ pool, count: 4, except: [] }, taken(pool, 0), first)).toBeUndefined();
  });

  test('are none that are held back', () => {
    const pool = rows(6);
    const held = [{ poolId: pool.id, from: 0, to: 2 }];
    expect(choosePlaces({ pool, count: 3, except: held }, taken(pool), first)).toEqual([3, 4, 5]);
    expect(choosePlaces({ pool, count: 4, except: held }, taken(pool), first)).toBeUndefined();
  });

  test('are some of all for those who come at once', () => {
    const pool = { id: 'b'.repeat(16), capacity: 1000 };
    const chosen = new Set(
      Array.from(
        { length: 200 },
        () => choosePlaces({ pool, count: 2, except: [] }, taken(pool), Math.random)![0],
      ),
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
