import { describe, expect, test } from '@jest/globals';
import { type Books, disagreements, type Stored } from '../src/reconcile.ts';

const now = new Date('2026-11-27T12:00:00Z');
const ticket = { _id: 'ticket', version: 0, title: 'Seat', price: 2500, currency: 'usd', saleId: 'ticket' };
const order: Stored = {
  _id: 'order',
  version: 1,
  status: 'complete',
  total: 2500,
  currency: 'usd',
  expiresAt: now,
  items: [{ ticketId: 'ticket', title: 'Seat', price: 2500 }],
  payments: { payment: { version: 1, status: 'succeeded' } },
};
const payment: Stored = {
  _id: 'payment',
  version: 1,
  orderId: 'order',
  status: 'succeeded',
  amount: 2500,
  currency: 'usd',
};
const free: Stored = {
  ...order,
  total: 0,
  version: 0,
  items: [{ ticketId: 'ticket', title: 'Seat', price: 0 }],
  payments: {},
};

const books = (orders: readonly Stored[], payments: readonly Stored[], more: Partial<Books> = {}): Books => ({
  accounts: [],
  knownAccounts: [],
  tickets: [{ ...ticket, status: orders[0]?.['status'] === 'complete' ? 'sold' : 'available', holds: {} }],
  knownTickets: [ticket],
  orders,
  events: [],
  knownEvents: [],
  knownOrders: orders,
  payments,
  ...more,
});
const charge = { paymentId: 'payment', amount: 2500, currency: 'usd', returned: 0, pending: 0 };
const found = (told: Books, charges = told.payments.map(() => charge)) => disagreements(told, charges, now);

test('what was ordered, paid and taken alike is in order', () =>
  expect(found(books([order], [payment]))).toEqual([]));

describe('an order of which something was taken back', () => {
  const [one, two] = [
    { ticketId: 'ticket', title: 'Seat', price: 2500 },
    { ticketId: 'other', title: 'Seat', price: 1500 },
  ];
  const parted: Stored = {
    ...order,
    total: 4000,
    items: [one],
    returned: [{ ...two, back: 1500 }],
    refundedAmount: 1500,
  };
  const refund = { status: 'succeeded', attempt: 1, amount: 1500, keep: 2500 };
  const given: Stored = { ...payment, amount: 4000, refundedAmount: 1500, refund };
  const back = { ...charge, amount: 4000, returned: 1500 };

  test('gave back what that cost, and holds what is left', () => {
    const hold = { version: 1, at: now };
    const held = { ...ticket, status: 'sold', holds: { order: { ...hold, live: 'sold' } } };
    const free = { ...ticket, _id: 'other', price: 1500, holds: { order: { ...hold, live: false } } };
    const offered = { tickets: [held, { ...free, status: 'available' }], knownTickets: [ticket, free] };
    expect(found(books([parted], [given], offered), [back])).toEqual([]);
  });

  test.each<[string, Partial<Stored>, Partial<Stored>, string]>([
    [
      'nothing',
      {},
      { refundedAmount: 0, refund: undefined },
      'payment payment keeps 4000, its order order 2500',
    ],
    [
      'more than that',
      {},
      { refundedAmount: 2500 },
      'payment payment gave back 2500, its order order keeps 2500 of 4000',
    ],
    [
      'less than that',
      {},
      { refundedAmount: 1000 },
      'payment payment is done with giving back, which is 1000 of 1500',
    ],
    ['what it did not cost', { returned: [] }, {}, 'order order is of 4000, its items of 2500'],
  ])('is wrong where it gave back %s', (_what, ofOrder, ofPayment, told) => {
    const wrong = { ...given, ...ofPayment };
    const returned = wrong['refundedAmount'] as number;
    const breaches = found(books([{ ...parted, refundedAmount: returned, ...ofOrder }], [wrong]), [
      { ...back, returned },
    ]);
    expect(breaches).toContain(told);
  });
});

describe('a free order', () => {
  test('is complete without a payment, and cancelled without a refund', () => {
    expect(found(books([free], []))).toEqual([]);
    expect(found(books([{ ...free, status: 'cancelled', reason: 'seller' }], []))).toEqual([]);
  });

  test('that was paid, or is to be paid, is wrong', () => {
    const paid = { ...free, payments: order['payments'] };
    expect(found(books([paid], [{ ...payment, amount: 0 }], {}), [])).toEqual([
      'payment payment is of order order, which is free',
    ]);
    expect(found(books([{ ...free, status: 'created' }], []))).toContain(
      'order order is free, and created instead of complete',
    );
  });

  test('is not taken for one that costs something and was not paid', () =>
    expect(found(books([{ ...order, payments: {} }], []))).toEqual([
      'order order of 25.00 USD is complete with nothing paid',
    ]));
});

test('a place that is kept admits once', () => {
  const place = { ticketId: 'pool-0', title: 'Seat', price: 0, kind: 'place' };
  const sold = { ...free, saleId: 'e', items: [place] };
  const told = (admissions: Stored[]) =>
    found(books([sold], [], { tickets: [], knownTickets: [], admissions }));
  const missing = 'order order keeps place pool-0, for which there is no admission';
  expect(told([])).toContain(missing);
  expect(told([{ _id: 'one', orderId: 'order', placeId: 'pool-0', status: 'valid' }])).not.toContain(missing);
});

describe('an event', () => {
  const id = 'e'.repeat(24);
  const [tierId, poolId, userId] = ['a'.repeat(24), 'b'.repeat(16), 'c'.repeat(24)];
  const known = {
    _id: id,
    version: 1,
    status: 'published',
    title: 'Evening of songs',
    category: 'concert',
    organizer: { name: 'The hall' },
    venue: { name: 'Hall', city: 'Bern' },
    zone: 'UTC',
    startsAt: now,
    endsAt: now,
    currency: 'usd',
    tiers: [{ id: tierId, name: 'Standing', poolId, price: 2500 }],
    pools: [{ id: poolId, capacity: 4 }],
    internal: { ownerId: userId, team: [{ userId, role: 'owner' }], held: [], codes: [] },
    createdAt: now,
    updatedAt: now,
  };
  /** As its owner keeps it: with more, and changes that nobody was told of. */
  const kept = {
    ...known,
    version: 3,
    tiers: [{ ...known.tiers[0], opens: '2026-11-27T12:00' }],
    starts: '2026-11-27T12:00',
    cityKey: 'bern',
    updatedAt: new Date(now.getTime() + 1000),
  };
  const told = (events: readonly Stored[], knownEvents: readonly Stored[]) =>
    found(books([], [], { events, knownEvents }));

  test('that orders knows as its owner tells it is in order, and a draft that it does not know', () =>
    expect(told([kept, { ...kept, _id: 'd'.repeat(24), status: 'draft' }], [known])).toEqual([]));

  test('that orders knows otherwise, too early, not at all, or alone is told', () => {
    const held = { ...known.internal, held: [{ poolId, from: 0, to: 1 }] };
    const other = { ...kept, title: 'Another', internal: held, returns: { until: now, feePercent: 10 } };
    expect(told([other], [known])).toEqual([
      `orders knows another title, returns, internal of event ${id} than its owner`,
    ]);
    expect(told([kept], [{ ...known, version: 4 }])).toEqual([
      `orders has version 4 of event ${id}, its owner 3`,
    ]);
    expect(told([kept], [])).toEqual([`orders has not heard of event ${id}`]);
    expect(told([], [known])).toEqual([`orders knows of event ${id}, its owner does not`]);
  });

  test('is to be known to admissions as well', () => {
    const admitted = (admittedEvents: readonly Stored[]) =>
      found(books([], [], { events: [kept], knownEvents: [known], admittedEvents }));
    expect(admitted([known])).toEqual([]);
    expect(admitted([])).toEqual([`admissions has not heard of event ${id}`]);
    expect(admitted([{ ...known, title: 'Another' }])).toEqual([
      `admissions knows another title of event ${id} than its owner`,
    ]);
  });
});

describe('as many units of another currency', () => {
  test('are not what an order costs', () => {
    const yen = { ...payment, currency: 'jpy' };
    expect(found(books([order], [yen]), [{ ...charge, currency: 'jpy' }])).toEqual([
      'order order of 25.00 USD is complete with 2500 JPY paid',
    ]);
  });

  test('are not what a payment is of', () =>
    expect(found(books([order], [payment]), [{ ...charge, currency: 'jpy' }])).toEqual([
      'the provider took 2500 JPY for payment payment, which is of 25.00 USD',
    ]));

  test('are news that a service has not heard', () => {
    const told = books([order], [payment], {
      knownOrders: [{ ...order, currency: 'eur' }],
      knownTickets: [{ ...ticket, currency: 'eur' }],
    });
    expect(found(told)).toEqual([
      'orders has currency eur of ticket ticket, its owner usd',
      'payments has currency eur of order order, its owner usd',
    ]);
  });
});

describe('accounts', () => {
  const account = { _id: 'seller', version: 2, name: 'Ada' };
  const listed = { ...ticket, status: 'available', holds: {}, sellerId: 'seller' };
  const told = (more: Partial<Books>) =>
    found(books([], [], { accounts: [account], knownAccounts: [account], ...more }));

  test('are known to tickets, and called alike on every ticket', () => {
    expect(told({ tickets: [{ ...listed, sellerName: 'Ada' }] })).toEqual([]);
    expect(told({ tickets: [{ ...listed, sellerName: 'Ben' }] })).toEqual([
      'ticket ticket calls its seller seller otherwise than their account',
    ]);
    expect(told({ tickets: [listed], accounts: [{ _id: 'seller', version: 2 }] })).toEqual([
      'tickets has name Ada of account seller, its owner undefined',
    ]);
    expect(told({ knownAccounts: [], tickets: [] })).toContain('tickets has not heard of account seller');
  });
});
