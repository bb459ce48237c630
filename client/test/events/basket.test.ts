import { describe, expect, test } from '@jest/globals';
import {
  kept,
  linesOf,
  offersOf,
  refusedSeats,
  roomFor,
  sizeOf,
  totalOf,
  withCount,
  withSeat,
} from '../../src/events/basket.ts';
import { changesIn, glimpseOf, withNew } from '../../src/events/glimpse.ts';
import { after, type Hall } from '../../src/events/left.ts';

const [SEATED, STANDING, YOUNG, HIDDEN] = ['1', '2', '3', '4'].map((digit) => digit.repeat(24)) as [
  string,
  string,
  string,
  string,
];
const [SEATS, FLOOR] = ['a'.repeat(16), 'b'.repeat(16)] as const;
const tiers = [
  { id: SEATED, name: 'Seated', poolId: SEATS, price: 4500 },
  { id: STANDING, name: 'Standing', poolId: FLOOR, price: 2555, limit: 4 },
  { id: YOUNG, name: 'Under 18', poolId: FLOOR, price: 0, limit: 1 },
];
const event = {
  tiers,
  currency: 'usd',
  startsAt: '2096-06-01T19:00:00Z',
  endsAt: '2096-06-01T22:00:00Z',
  zone: 'Europe/London',
  venue: { name: 'Hall', city: 'London' },
};
const offers = offersOf(event);
const [seated, standing, young] = offers as [(typeof offers)[0], (typeof offers)[0], (typeof offers)[0]];
const nothing = { counts: {}, seats: [] };
const hall = (left: number): Hall =>
  after(new Map(), {
    eventId: 'e',
    pools: [
      { poolId: SEATS, left: 8, gone: btoa('\u0005\u0000') },
      { poolId: FLOOR, left },
    ],
  });

describe('a code', () => {
  const opened = {
    tiers: [{ id: HIDDEN, name: 'Friends', poolId: FLOOR, price: 999, hidden: true }],
    percent: 50,
  };

  test('shows what is hidden, at what is left of its price, in the buyer’s favour', () => {
    const all = offersOf(event, opened);
    expect(all.map(({ tier, price, coded }) => [tier.name, price, coded])).toEqual([
      ['Seated', 4500, false],
      ['Standing', 2555, false],
      ['Under 18', 0, false],
      ['Friends', 499, true],
    ]);
    const [inDinar] = offersOf({ ...event, tiers: [], currency: 'kwd' }, { ...opened, percent: 10 });
    expect(inDinar?.price).toBe(890);
  });
});

describe('there is room for', () => {
  test.each([
    ['as many as go into an order', seated, nothing, hall(300), 8],
    ['as many as are left', standing, nothing, hall(3), 3],
    ['as many as an account may have', standing, withCount(nothing, STANDING, 1), hall(300), 3],
    ['what tiers of the same places leave', standing, withCount(nothing, YOUNG, 1), hall(3), 2],
    ['no more than that', young, withCount(nothing, YOUNG, 1), hall(300), 0],
    ['ten of what nobody knows', seated, nothing, new Map(), 10],
  ] as const)('%s', (_, offer, basket, known, room) =>
    expect(roomFor(offer, basket, offers, known)).toBe(room),
  );
});

describe('what others took', () => {
  test('leaves the basket, seats by their number', () => {
    const basket = withSeat(withSeat(nothing, { tierId: SEATED, place: 1 }), { tierId: SEATED, place: 2 });
    const { basket: still, lost } = kept(basket, offers, hall(300));
    expect(still.seats).toEqual([{ tierId: SEATED, place: 1 }]);
    expect(lost).toEqual({ seats: [{ tierId: SEATED, place: 2 }], counts: [] });
  });

  test('leaves it, and of a number the rest stays', () => {
    const basket = withCount(withCount(nothing, STANDING, 3), YOUNG, 1);
    const { basket: still, lost } = kept(basket, offers, hall(2));
    expect(still.counts).toEqual({ [STANDING]: 2, [YOUNG]: 0 });
    expect(lost.counts.map(({ offer, left }) => [offer.tier.name, left])).toEqual([
      ['Under 18', 0],
      ['Standing', 2],
    ]);
    expect(kept(still, offers, hall(2)).lost).toEqual({ seats: [], counts: [] });
  });

  test('is found by the fields of a refusal', () => {
    const lines = linesOf(
      { counts: { [SEATED]: 1 }, seats: [7, 9].map((place) => ({ tierId: SEATED, place })) },
      offers,
    );
    expect(lines).toEqual([
      { tierId: SEATED, price: 4500, places: [7, 9] },
      { tierId: SEATED, price: 4500, quantity: 1 },
    ]);
    const errors = [{ field: 'lines.0.places.1' }, { field: 'lines.1' }, { field: 'lines.4.places.0' }, {}];
    expect(refusedSeats(errors, lines)).toEqual([{ tierId: SEATED, place: 9 }]);
  });
});

test('a seat is bought once, be it as another tier', () => {
  const first = { tierId: SEATED, place: 4 };
  const basket = withSeat(withSeat(nothing, first), { tierId: YOUNG, place: 4 }, first);
  expect(basket.seats).toEqual([{ tierId: YOUNG, place: 4 }]);
  expect([sizeOf(basket, offers), totalOf(basket, offers)]).toEqual([1, 0]);
});

describe('who buys is asked again', () => {
  const seen = glimpseOf(event);
  const lines = [{ tierId: STANDING }];
  test.each([
    ['nothing changed', event, []],
    [
      'the price of what they chose changed',
      { ...event, tiers: tiers.map((tier) => ({ ...tier, price: tier.price + 45 })) },
      ['The price of Standing is now $26.00. It was $25.55.'],
    ],
    [
      'the time changed',
      { ...event, startsAt: '2096-06-02T19:00:00Z', endsAt: '2096-06-02T22:00:00Z' },
      [
        'It is now on Sat, Jun 2, 2096, 8:00 – 11:00 PM London time. It was on Fri, Jun 1, 2096, 8:00 – 11:00 PM London time.',
      ],
    ],
    [
      'the place changed',
      { ...event, venue: { name: 'Arena', city: 'Leeds' } },
      ['It is now at Arena, Leeds. Please look again.'],
    ],
  ] as const)('%s', (_, now, told) => expect(changesIn(seen, now as typeof event, lines)).toEqual(told));

  test('of a tier that a code opened, from when it appeared', () => {
    const opened = { id: HIDDEN, name: 'Friends', poolId: FLOOR, price: 999 };
    const shown = { ...event, tiers: [...tiers, opened] };
    const both = withNew(seen, shown);
    expect(changesIn(both, shown, [{ tierId: HIDDEN }])).toEqual([]);
    expect(withNew(both, shown)).toBe(both);
    const dearer = { ...event, tiers: [...tiers, { ...opened, price: 1200 }] };
    expect(withNew(both, dearer)).toBe(both);
    expect(changesIn(both, dearer, [{ tierId: HIDDEN }])).toEqual([
      'The price of Friends is now $12.00. It was $9.99.',
    ]);
  });
});
