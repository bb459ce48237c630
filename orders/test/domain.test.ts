import { describe, expect, test } from '@jest/globals';
import type { OrderStatus } from '@ticketing/common/contracts/order';
import { reject } from '@ticketing/common/rejection';
import {
  alreadyReserved,
  cancel,
  expire,
  hearOfPayment,
  loseTicket,
  type Order,
  place,
  roleIn,
  type Ticket,
} from '../src/domain.ts';

const now = new Date('2026-01-01T12:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const id = (n: number) => n.toString(16).padStart(24, '0');
const [buyer, seller, other, saleId] = [id(1), id(2), id(3), id(100)];
const user = { id: buyer, roles: ['user' as const] };

const ticket = (n: number, fields: Partial<Ticket> = {}): Ticket => ({
  _id: id(n),
  version: 3,
  title: `Seat ${n}`,
  price: 2500,
  currency: 'usd',
  sellerId: seller,
  saleId,
  ...fields,
});
const order = (status: OrderStatus, fields: Partial<Order> = {}): Order => ({
  _id: id(50),
  version: 1,
  createdAt: now,
  updatedAt: now,
  userId: buyer,
  saleId,
  status,
  items: [{ ticketId: id(10), ticketVersion: 3, title: 'Seat 10', price: 2500, sellerId: seller }],
  total: 2500,
  currency: 'usd',
  expiresAt: later(900),
  payments: {},
  ...fields,
});
const placing = (fields: Partial<Parameters<typeof place>[0]> = {}) =>
  place({
    id: id(50),
    userId: buyer,
    ticketIds: [id(10), id(11)],
    seen: [],
    onSale: [ticket(10), ticket(11, { price: 1000, version: 0 })],
    now,
    holdSeconds: 900,
    ...fields,
  });

describe('placing an order', () => {
  test('is refused when the tickets cost more together than one payment can be', () => {
    const dear = placing({ onSale: [ticket(10, { price: 99_999_999 }), ticket(11)] });
    expect(dear).toMatchObject({ code: 'invalid', errors: [{ field: 'ticketIds' }] });
    const most = placing({ ticketIds: [id(10)], onSale: [ticket(10, { price: 99_999_999 })] });
    expect(most).toMatchObject({ total: 99_999_999 });
    const rupiah = { price: 99_999_999, currency: 'idr' };
    expect(placing({ onSale: [ticket(10, rupiah), ticket(11, rupiah)] })).toMatchObject({
      total: 199_999_998,
    });
  });

  test('reserves every ticket at the price of the version that is reserved', () => {
    expect(placing()).toEqual({
      _id: id(50),
      userId: buyer,
      saleId,
      status: 'created',
      items: [
        { ticketId: id(10), ticketVersion: 3, title: 'Seat 10', price: 2500, sellerId: seller },
        { ticketId: id(11), ticketVersion: 0, title: 'Seat 11', price: 1000, sellerId: seller },
      ],
      total: 3500,
      currency: 'usd',
      expiresAt: later(900),
      payments: {},
    });
  });

  test.each([
    ['one is not known', { onSale: [ticket(10)] }, 'not-found', 'ticketIds.1'],
    [
      'one is withdrawn',
      { onSale: [ticket(10, { deletedAt: now }), ticket(11)] },
      'not-found',
      'ticketIds.0',
    ],
    [
      'what it is for has begun',
      { onSale: [ticket(10, { date: { at: now } }), ticket(11)] },
      'not-found',
      'ticketIds.0',
    ],
    [
      'they are of two sales',
      { onSale: [ticket(10), ticket(11, { saleId: other })] },
      'invalid',
      'ticketIds.1',
    ],
    [
      'they are in two currencies',
      { onSale: [ticket(10), ticket(11, { currency: 'jpy' })] },
      'invalid',
      'ticketIds.1',
    ],
    [
      'one is their own',
      { onSale: [ticket(10), ticket(11, { sellerId: buyer })] },
      'forbidden',
      'ticketIds.1',
    ],
    ['there are none', { ticketIds: [], onSale: [] }, 'invalid', 'ticketIds'],
    ['the price moved', { seen: [{ ticketId: id(10), price: 2400 }] }, 'conflict', 'seen'],
    ['the version moved', { seen: [{ ticketId: id(11), version: 1 }] }, 'conflict', 'seen'],
  ] as const)('is refused when %s', (_when, fields, code, field) => {
    expect(placing(fields)).toMatchObject({ kind: 'rejection', code, errors: [{ field }] });
  });

  test('goes through when the buyer saw what is there', () => {
    const seen = [
      { ticketId: id(10), price: 2500, version: 3 },
      { ticketId: id(11), price: 1000 },
    ];
    expect(placing({ seen })).toMatchObject({ status: 'created', total: 3500 });
  });

  test('the refusal names exactly the tickets that others hold', () => {
    expect(alreadyReserved([id(10), id(11), id(12)], [order('created'), { items: [] }])).toMatchObject({
      code: 'conflict',
      errors: [{ field: 'ticketIds.0', message: `${id(10)} is already reserved` }],
    });
  });
});

const EARLY = reject('conflict', 'Order has not expired yet');
const PAID = reject('conflict', 'Order is already paid');
const OVER = reject('conflict', 'Order is already cancelled');
const expired = { status: 'cancelled', reason: 'expired' };

describe('expiring', () => {
  test.each([
    ['created', 899, {}, EARLY],
    ['created', 900, {}, expired],
    ['created', 901, {}, expired],
    ['awaiting:payment', 899, {}, EARLY],
    ['awaiting:payment', 900, {}, { extended: true, expiresAt: later(915) }],
    ['awaiting:payment', 914, { extended: true, expiresAt: later(915) }, EARLY],
    ['awaiting:payment', 915, { extended: true, expiresAt: later(915) }, expired],
    ['complete', 2000, {}, PAID],
    ['refunded', 2000, {}, PAID],
    ['cancelled', 2000, {}, OVER],
  ] as const)('a %s order after %i s, known %j', (status, seconds, fields, outcome) => {
    expect(expire(later(seconds), 15)(order(status, fields))).toEqual(outcome);
  });
});

describe('cancelling', () => {
  const by = {
    buyer: user,
    seller: { ...user, id: seller },
    admin: { id: other, roles: ['admin' as const] },
  };
  const cancelled = (reason: string) => ({ status: 'cancelled', reason });
  const unpaid = reject('conflict', 'The order is not paid yet; it ends by itself');
  const tooLate = reject(
    'conflict',
    'The time to cancel a paid order is over; only its seller or the marketplace still can',
  );

  test.each([
    ['created', 'buyer', 0, cancelled('buyer')],
    ['created', 'seller', 0, unpaid],
    ['created', 'admin', 0, cancelled('admin')],
    ['awaiting:payment', 'buyer', 0, cancelled('buyer')],
    ['awaiting:payment', 'seller', 0, unpaid],
    ['awaiting:payment', 'admin', 0, cancelled('admin')],
    ['complete', 'buyer', 600, cancelled('buyer')],
    ['complete', 'buyer', 601, tooLate],
    ['complete', 'seller', 99_999, cancelled('seller')],
    ['complete', 'admin', 99_999, cancelled('admin')],
    ['cancelled', 'buyer', 0, {}],
    ['cancelled', 'seller', 0, {}],
    ['refunded', 'buyer', 0, {}],
    ['refunded', 'admin', 0, {}],
  ] as const)('a %s order by its %s, %i s after it was paid', (status, who, seconds, outcome) => {
    expect(cancel(by[who], later(seconds), 600)(order(status, { completedAt: now }))).toEqual(outcome);
  });

  test('is refused to everybody else', () => {
    expect(cancel({ id: other, roles: ['user'] }, now, 600)(order('created'))).toMatchObject({
      code: 'forbidden',
    });
  });

  test('a seller of only some of the tickets is a stranger to the order', () => {
    const { items } = order('created');
    const mixed = { userId: buyer, items: [...items, { ...items[0]!, sellerId: other }] };
    expect(roleIn({ id: seller, roles: ['user'] }, mixed)).toBeUndefined();
    expect(roleIn({ id: seller, roles: ['admin'] }, mixed)).toBe('admin');
  });
});

describe('a ticket withdrawn in the moment it was reserved', () => {
  test.each([
    ['created', { status: 'cancelled', reason: 'ticket-withdrawn' }],
    ['awaiting:payment', { status: 'cancelled', reason: 'ticket-withdrawn' }],
    ['complete', { status: 'cancelled', reason: 'ticket-withdrawn' }],
    ['cancelled', {}],
    ['refunded', {}],
  ] as const)('ends a %s order', (status, outcome) => {
    expect(loseTicket(order(status))).toEqual(outcome);
  });
});

describe('hearing of a payment', () => {
  test.each([
    ['created', 'started', 'awaiting:payment'],
    ['created', 'succeeded', 'complete'],
    ['created', 'failed', 'created'],
    ['created', 'refunded', 'refunded'],
    ['awaiting:payment', 'started', 'awaiting:payment'],
    ['awaiting:payment', 'succeeded', 'complete'],
    ['awaiting:payment', 'failed', 'created'],
    ['awaiting:payment', 'refunded', 'refunded'],
    ['complete', 'started', 'complete'],
    ['complete', 'succeeded', 'complete'],
    ['complete', 'failed', 'complete'],
    ['complete', 'refunded', 'refunded'],
    ['cancelled', 'started', 'cancelled'],
    ['cancelled', 'succeeded', 'cancelled'],
    ['cancelled', 'failed', 'cancelled'],
    ['cancelled', 'refunded', 'refunded'],
    ['refunded', 'started', 'cancelled'],
    ['refunded', 'succeeded', 'cancelled'],
    ['refunded', 'failed', 'cancelled'],
    ['refunded', 'refunded', 'refunded'],
  ] as const)('a %s order, its only payment %s: %s', (status, news, next) => {
    const before = order(status);
    const after = { ...before, ...hearOfPayment(id(70), { version: 2, status: news }, now, 600)(before) };
    expect(after.status).toBe(next);
    expect(after.payments).toEqual({ [id(70)]: { version: 2, status: news } });
  });

  test.each([1, 2])('news of version %i are nothing new to one who knows version 2', (version) => {
    const known = order('complete', { payments: { [id(70)]: { version: 2, status: 'succeeded' } } });
    expect(hearOfPayment(id(70), { version, status: 'started' }, now, 600)(known)).toEqual({});
  });

  test('of the version that is known, what the release before did not keep is news', () => {
    const known = order('refunded', { payments: { [id(70)]: { version: 2, status: 'refunded' } } });
    const news = { version: 2, status: 'refunded' as const, refundedAmount: 2500 };
    expect(hearOfPayment(id(70), news, now, 600)(known)).toEqual({
      payments: { [id(70)]: news },
      refundedAmount: 2500,
    });
  });

  test('what is said again of the money is not written again', () => {
    const says = (version: number) => ({
      version,
      status: 'succeeded' as const,
      refundedAmount: 300,
      refund: { status: 'failed' as const, amount: 2200 },
      dispute: { status: 'open' as const, amount: 2500 },
    });
    const first = hearOfPayment(id(70), says(2), now, 600)(order('complete'));
    expect(first).toMatchObject({ refund: { status: 'failed' }, dispute: { status: 'open' } });
    const known = order('complete', { ...first, completedAt: now } as Partial<Order>);
    const again = hearOfPayment(id(70), says(3), now, 600)(known);
    expect(Object.keys(again)).toEqual(['payments']);
  });

  test('the money is back only when no payment still holds any', () => {
    const payments = {
      [id(70)]: { version: 1, status: 'succeeded' as const },
      [id(71)]: { version: 1, status: 'succeeded' as const },
    };
    const first = hearOfPayment(
      id(70),
      { version: 2, status: 'refunded' },
      now,
      600,
    )(order('cancelled', { payments }));
    expect(first.status).toBeUndefined();
    const second = hearOfPayment(
      id(71),
      { version: 2, status: 'refunded' },
      now,
      600,
    )(order('cancelled', first as Order));
    expect(second.status).toBe('refunded');
  });

  test.each([
    ['late: gets the time that a bank may take', 800, {}, { expiresAt: later(1400), atBank: true }],
    ['in the grace: as well', 905, { extended: true, expiresAt: later(915) }, { expiresAt: later(1505) }],
    ['early: has time enough', 100, {}, { expiresAt: later(900) }],
    ['a second time: had it', 1300, { atBank: true, expiresAt: later(1400) }, { expiresAt: later(1400) }],
  ] as const)('who was sent to the bank %s', (_what, seconds, fields, expected) => {
    const before = order('awaiting:payment', fields);
    const news = { version: 2, status: 'started' as const, challenged: true };
    const after = { ...before, ...hearOfPayment(id(70), news, later(seconds), 600)(before) };
    expect(after).toMatchObject({ status: 'awaiting:payment', ...expected });
  });

  test.each(['succeeded', 'failed'] as const)('a challenge that is over (%s) moves nothing', (status) => {
    const news = { version: 3, status, challenged: true };
    const changes = hearOfPayment(id(70), news, later(899), 600)(order('awaiting:payment'));
    expect(changes).not.toHaveProperty('expiresAt');
  });

  test.each([
    ['ends an order of which nothing is on its way', {}, 'cancelled'],
    [
      'leaves one with a payment under way',
      { [id(71)]: { version: 1, status: 'started' } },
      'awaiting:payment',
    ],
    ['leaves one that is paid', { [id(71)]: { version: 1, status: 'succeeded' } }, 'complete'],
  ] as const)('the last try %s', (_what, others, next) => {
    const before = order('awaiting:payment', { payments: others });
    const news = { version: 2, status: 'failed' as const, lastTry: true };
    const after: Order = { ...before, ...(hearOfPayment(id(70), news, now, 600)(before) as object) };
    expect(after.status).toBe(next);
    if (next !== 'awaiting:payment') return;
    const over = hearOfPayment(id(71), { version: 2, status: 'failed' }, now, 600)(after);
    expect(over).toMatchObject({ status: 'cancelled', reason: 'expired' });
  });

  test('the moment of completion is noted once', () => {
    const complete = hearOfPayment(id(70), { version: 2, status: 'succeeded' }, now, 600)(order('created'));
    expect(complete.completedAt).toEqual(now);
    const again = hearOfPayment(
      id(70),
      { version: 3, status: 'succeeded' },
      later(5),
      600,
    )(order('complete', { completedAt: now }));
    expect(again).not.toHaveProperty('completedAt');
  });
});
