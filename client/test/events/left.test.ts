import { expect, test } from '@jest/globals';
import { after, type Hall, isGone, leftOfEach, type PlacesNews } from '../../src/events/left.ts';

const news = (pool: Omit<PlacesNews['pools'][number], 'poolId'>): PlacesNews => ({
  eventId: 'e',
  pools: [{ poolId: 'p', ...pool }],
});
const gone = (hall: Hall, places = 24) =>
  Array.from({ length: places }, (_, place) => place).filter((place) => isGone(hall.get('p')?.gone, place));

test('which seats are gone is read as it is told, and then by what changes', () => {
  const whole = after(new Map(), news({ left: 21, gone: btoa('\u0081\u0002') }));
  expect(gone(whole)).toEqual([0, 7, 9]);
  const now = after(whole, news({ left: 21, taken: [1, 17], freed: [7, 9] }));
  expect(gone(now)).toEqual([0, 1, 17]);
  // What is drawn again is known by it: the one before stays as it was.
  expect(gone(whole)).toEqual([0, 7, 9]);
  expect(gone(after(now, news({ left: 24, gone: btoa('\u0000') })))).toEqual([]);
});

test('changes heard again after the whole leave it as it is', () => {
  const whole = after(new Map(), news({ left: 23, gone: btoa('\u0004') }));
  const again = [
    news({ left: 22, taken: [5] }),
    news({ left: 23, freed: [5] }),
    news({ left: 23, taken: [2] }),
  ];
  expect(gone(again.reduce(after, whole))).toEqual([2]);
});

test('of a pool without seats only how many are left is known', () => {
  const hall = after(new Map(), news({ left: 5, taken: [1] }));
  expect(hall.get('p')).toEqual({ left: 5, gone: undefined });
  expect(gone(hall)).toEqual([]);
});

test('how many are left is told of pools that are known', () => {
  const pools = ['p', 'q'].map((id) => ({ id, capacity: 9 }));
  expect(leftOfEach(after(new Map(), news({ left: 5 })), pools)).toEqual([{ poolId: 'p', left: 5, of: 9 }]);
});
