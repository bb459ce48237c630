import { expect, test } from '@jest/globals';
import { earnings, type Sales, since } from '../src/domain/earnings.ts';

const at = (
  from: string | null,
  amount: number,
  { sold = 1, kept = true, currency = 'usd' } = {},
): Sales => ({
  _id: { from: from === null ? null : new Date(from), kept, currency },
  amount,
  back: 0,
  sold,
});
const now = new Date('2026-01-01T12:00:00Z');
const ask = (sales: readonly Sales[], days: number, zone = 'UTC', moment = now) =>
  earnings(sales, { days, zone, currency: 'usd', now: moment });
const dates = (...asked: Parameters<typeof ask>) => ask(...asked).days.map(({ date }) => date);

test('what a seller earned is of all time in sum and of the last days one by one; what was given back is apart', () => {
  const sales = [
    at(null, 1000),
    at('2025-12-30T23:45:00Z', 100),
    at('2025-12-31T00:00:00Z', 2000),
    at('2025-12-31T23:45:00Z', 500),
    at('2026-01-01T00:00:00Z', 700, { kept: false }),
    at('2026-01-01T00:00:00Z', 500),
  ];
  expect(ask(sales, 2)).toEqual({
    currency: 'usd',
    earned: 4100,
    sold: 5,
    refunded: 700,
    days: [
      { date: '2025-12-31', amount: 2500, sold: 2 },
      { date: '2026-01-01', amount: 500, sold: 1 },
    ],
    others: [],
  });
  expect(ask([], 365)).toEqual({ currency: 'usd', earned: 0, sold: 0, refunded: 0, days: [], others: [] });
});

test('what was earned in different currencies is never added', () => {
  const sales = [
    at('2026-01-01T00:00:00Z', 700),
    at('2026-01-01T00:00:00Z', 5000, { currency: 'jpy', sold: 2 }),
    at(null, 300, { currency: 'jpy' }),
    at('2026-01-01T00:00:00Z', 120, { currency: 'jpy', kept: false }),
    at(null, 40, { currency: 'eur' }),
  ];
  expect(ask(sales, 2)).toMatchObject({
    currency: 'usd',
    earned: 700,
    sold: 1,
    refunded: 0,
    days: [{ amount: 700, sold: 1 }],
    others: [
      { currency: 'eur', earned: 40, sold: 1, refunded: 0, days: [] },
      { currency: 'jpy', earned: 5300, sold: 3, refunded: 120, days: [{ amount: 5000, sold: 2 }] },
    ],
  });
  expect(ask(sales.slice(1, 2), 2)).toMatchObject({ currency: 'usd', earned: 0, days: [] });
});

// The last quarter of a day, and the first of the next: on days of 23 and of 25 hours, of a half, and of a calendar that left one out.
test.each([
  ['UTC', '2026-01-01T00:00:00Z', '2026-01-01'],
  ['America/Los_Angeles', '2026-03-08T08:00:00Z', '2026-03-08'],
  ['America/Los_Angeles', '2026-03-09T07:00:00Z', '2026-03-09'],
  ['Pacific/Auckland', '2026-04-04T11:00:00Z', '2026-04-05'],
  ['Pacific/Auckland', '2026-04-05T12:00:00Z', '2026-04-06'],
  ['Europe/Berlin', '2026-10-25T23:00:00Z', '2026-10-26'],
  ['Australia/Lord_Howe', '2026-04-05T13:30:00Z', '2026-04-06'],
  ['Asia/Kathmandu', '2026-05-01T18:15:00Z', '2026-05-02'],
])('a day in %s begins at %s', (zone, moment, date) => {
  const begins = new Date(moment);
  const last = new Date(begins.getTime() - 900_000);
  const sales = [at(last.toISOString(), 1), at(begins.toISOString(), 2)];
  expect(dates(sales, 1, zone, begins)).toEqual([date]);
  expect(dates(sales, 2, zone, begins)).toHaveLength(2);
  expect(dates(sales, 1, zone, last)[0]! < date).toBe(true);
});

test.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago'])(
  'what is read reaches back to all of the days in %s',
  (zone) => {
    for (const hour of [0, 9, 10, 11, 13, 14, 23]) {
      const moment = new Date(Date.UTC(2026, 2, 8, hour, 59));
      const first = dates([at(since({ days: 1, now: moment }).toISOString(), 1)], 1, zone, moment);
      // It is of a day before the first.
      expect(first).toEqual([]);
    }
  },
);
