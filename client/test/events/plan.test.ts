import { describe, expect, test } from '@jest/globals';
import {
  marksOf,
  movedBy,
  planOf,
  rowOf,
  SEAT,
  seatAtPoint,
  seatCalled,
  shapesOf,
} from '../../src/events/plan.ts';
import { seatText } from '../../src/events/seat-text.ts';

const pool = {
  capacity: 22,
  blocks: [
    {
      name: 'Stalls',
      rows: [
        { label: 'A', seats: 4 },
        { label: 'B', seats: 8 },
      ],
    },
    {
      name: 'Box',
      rows: [
        { label: '1', seats: 2, names: ['left', 'right'] },
        { label: '2', seats: 8 },
      ],
    },
  ],
};
const plan = planOf(pool);

test.each([
  [0, 'Stalls, row A, seat 1'],
  [4, 'Stalls, row B, seat 1'],
  [11, 'Stalls, row B, seat 8'],
  [13, 'Box, row 1, seat right'],
  [21, 'Box, row 2, seat 8'],
])('place %i is called %s', (place, text) => expect(seatText(seatCalled(plan, place))).toBe(text));

test('a point of the plan is the seat that stands there, or none', () => {
  for (let place = 0; place < pool.capacity; place++) {
    const row = rowOf(plan, place)!;
    const x = row.x + (place - row.start) * SEAT;
    expect(seatAtPoint(plan, x + SEAT / 2, row.y + SEAT / 2)).toBe(place);
  }
  const [first] = plan.rows;
  expect(seatAtPoint(plan, first!.x - 1, first!.y + 1)).toBeUndefined();
  expect(seatAtPoint(plan, plan.width / 2, 1)).toBeUndefined();
  for (const { x, y, count } of plan.rows) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + count * SEAT).toBeLessThanOrEqual(plan.width);
    expect(y + SEAT).toBeLessThanOrEqual(plan.height);
  }
});

describe('a key leads from a seat', () => {
  test.each([
    ['ArrowRight', 0, 1],
    ['ArrowRight', 3, 3],
    ['ArrowLeft', 4, 4],
    ['ArrowLeft', 5, 4],
    // To the seat that stands behind it, not to the one of its number.
    ['ArrowDown', 0, 6],
    ['ArrowUp', 4, 0],
    ['ArrowUp', 11, 3],
    ['ArrowUp', 2, 2],
    ['ArrowDown', 11, 13],
    ['Home', 9, 4],
    ['End', 9, 11],
    ['PageDown', 0, 12],
    ['PageUp', 21, 3],
    ['PageDown', 21, 21],
    ['a', 9, undefined],
  ] as const)('%s: from %i to %s', (key, from, to) => expect(movedBy(key, plan, from)).toBe(to));
});

test('seats that look alike are one shape, and each state has its own', () => {
  const marks = marksOf({ capacity: 4, marks: [{ from: 1, to: 2, mark: 'accessible' }] });
  expect(marks).toBe('-aa-');
  const { free, gone, chosen, ticks } = shapesOf({ x: 0, y: 0 }, 'ffgc', marks);
  const seats = (shape: string) => shape.match(/M\d+ 0/g);
  expect([free, gone, chosen, ticks].map(seats)).toEqual([
    ['M0 0', 'M10 0'],
    ['M20 0'],
    ['M30 0'],
    ['M30 0'],
  ]);
  expect(new Set([free.split('M')[1], free.split('M')[2]].map((one) => one?.replace(/^\d+/, ''))).size).toBe(
    2,
  );
});
