import { expect, test } from '@jest/globals';
import { newBlock } from '../../src/organize/draft.ts';
import { typedSeats, withHeld } from '../../src/organize/held.ts';

const blocks = [
  newBlock('b0', { name: 'Stalls', rows: 'A-B: 4', held: 'A: 1-2', accessible: 'B: 4' }),
  newBlock('b1', { rows: 'A: 3\nB: 2,4', held: ' B : 4 ' }),
];
const seats = typedSeats(blocks)!;

test('the plan has what is typed, a block without a name too', () => {
  expect(seats).toMatchObject({ capacity: 13, marks: [{ from: 7, to: 7, mark: 'accessible' }] });
  expect([...seats.held]).toEqual([0, 1, 12]);
  expect(seats.blocks.map(({ rows }) => rows.length)).toEqual([2, 2]);
});

test.each([{ rows: 'A' }, { rows: '' }, { held: 'Z: 1' }, { accessible: 'A: 9' }])(
  'there is none while %j cannot be read',
  (typed) => {
    expect(typedSeats([newBlock('b0', { name: 'Stalls', rows: 'A-B: 4', ...typed })])).toBeUndefined();
  },
);
test('there is none without a block', () => expect(typedSeats([])).toBeUndefined());

test.each([
  ['a seat is held back', [2, 2], true, ['A: 1-3', ' B : 4 ']],
  ['a seat is let go', [0, 0], false, ['A: 2', ' B : 4 ']],
  ['a seat is let go, and all others were', [12, 12], false, ['A: 1-2', '']],
  ['a whole row is held back', [2, 3], true, ['A', ' B : 4 ']],
  [
    'seats of several blocks are held back, the other way round',
    [9, 6],
    true,
    ['A: 1,2\nB: 3,4', 'A: 1,2\nB: 4'],
  ],
  ['all of them are let go', [0, 12], false, ['', '']],
] as const)('what is typed follows the plan where %s', (_, range, back, typed) => {
  const then = withHeld(blocks, seats, range, back);
  expect(then.map(({ held }) => held)).toEqual(typed);
  const before = [...seats.held].filter((place) => place < Math.min(...range) || place > Math.max(...range));
  const changed = back
    ? Array.from({ length: Math.abs(range[1] - range[0]) + 1 }, (__, n) => Math.min(...range) + n)
    : [];
  expect([...typedSeats(then)!.held]).toEqual([...before, ...changed].sort((a, b) => a - b));
});
