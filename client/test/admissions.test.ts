import { expect, test } from '@jest/globals';
import { squaresOf } from '../src/admissions/qr.ts';
import { byEvent, groupOf, placeText, statusOf } from '../src/admissions/words.ts';
import type { Admission } from '../src/api/types.ts';

const ticket = (given: Partial<Admission> = {}, event: Partial<Admission['event']> = {}): Admission => ({
  id: '0'.repeat(24),
  version: 0,
  tier: 'Seated',
  price: 2500,
  currency: 'usd',
  status: 'valid',
  generation: 1,
  ...given,
  event: {
    id: '1'.repeat(24),
    title: 'Evening',
    status: 'published',
    venue: { name: 'Hall', city: 'Bern' },
    zone: 'Pacific/Auckland',
    startsAt: '2026-12-05T07:00:00Z',
    endsAt: '2026-12-05T10:00:00Z',
    organizer: { name: 'The hall' },
    ...event,
  },
});

test.each([
  // In Auckland, thirteen hours ahead, the day begins at eleven in the morning of the day before.
  ['2026-12-04T10:59:00Z', 'coming'],
  ['2026-12-04T11:00:00Z', 'today'],
  ['2026-12-05T09:59:00Z', 'today'],
  ['2026-12-05T10:00:00Z', 'past'],
])('at %s an event of a day in another zone is %s', (now, group) => {
  expect(groupOf(ticket(), Date.parse(now))).toBe(group);
});

test('what lasts days is today on each of them', () => {
  const festival = ticket({}, { startsAt: '2026-12-03T07:00:00Z' });
  expect(groupOf(festival, Date.parse('2026-12-05T03:00:00Z'))).toBe('today');
});

test('tickets stand together by event, in the order of seats as people count', () => {
  const seat = (name: string, id: string) => ticket({ id, seat: { block: 'Stalls', row: 'A', seat: name } });
  const later = ticket({ id: 'd' }, { id: 'later', startsAt: '2026-12-06T07:00:00Z' });
  const held = byEvent([later, seat('10', 'a'), seat('2', 'b')]);
  expect(held.map((one) => one.map(({ id }) => id))).toEqual([['b', 'a'], ['d']]);
  expect(placeText(held[0]![0])).toBe('Seated, Stalls, row A, seat 2');
});

test('a ticket of a cancelled event is not called good, and one that the team blocked says so', () => {
  expect(statusOf(ticket({}, { status: 'cancelled' })).label).toBe('Event cancelled');
  expect(statusOf(ticket({ status: 'revoked', reason: 'blocked' })).label).toBe('Blocked');
  expect(statusOf(ticket({ status: 'revoked', reason: 'returned' })).label).toBe('Not good any more');
});

test('a code of ours is 41 squares wide, and its path has each dark one once', () => {
  const { path, size } = squaresOf('A2'.repeat(74) + 'Z');
  expect(size).toBe(41);
  const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)].map(([, x, y, width]) =>
    [x, y, width].map(Number),
  );
  // The upper side of the first finder pattern, and its white ring.
  expect(runs[0]).toEqual([0, 0, 7]);
  expect(runs.filter(([x, y]) => x === 0 && y === 1)).toEqual([[0, 1, 1]]);
  const dark = runs.flatMap(([x = 0, y = 0, width = 0]) =>
    Array.from({ length: width }, (_, n) => y * size + x + n),
  );
  expect(new Set(dark).size).toBe(dark.length);
});
