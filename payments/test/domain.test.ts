import { describe, expect, test } from '@jest/globals';
import {
  attach,
  decideRefund,
  isOwedBack,
  learn,
  mustEnd,
  type Order,
  payable,
  type Payment,
  type Pressure,
  refunded,
  refuse,
} from '../src/domain.ts';
import type { Intent, IntentStatus } from '../src/gateway.ts';

const now = new Date('2026-01-01T12:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const buyer = 'a'.repeat(24);

const order = (fields: Partial<Order> = {}): Order => ({
  _id: 'b'.repeat(24),
  version: 0,
  userId: buyer,
  status: 'created',
  total: 2500,
  currency: 'usd',
  expiresAt: later(900),
  ...fields,
});
const payment = (fields: Partial<Payment> = {}): Payment => ({
  _id: 'c'.repeat(24),
  version: 0,
  createdAt: now,
  updatedAt: now,
  outbox: [],
  orderId: 'b'.repeat(24),
  userId: buyer,
  amount: 2500,
  currency: 'usd',
  status: 'started',
  paymentMethod: 'pm_card_visa',
  ...fields,
});
const decline = { code: 'card_declined', message: 'Your card was declined.' };
const intent = (status: IntentStatus, fields: Partial<Intent> = {}): Intent => ({
  id: 'pi_1',
  paymentId: 'c'.repeat(24),
  status,
  amount: 2500,
  clientSecret: 'pi_1_secret_x',
  ...fields,
});

describe('paying', () => {
  test.each([
    ['created', 899, undefined],
    ['awaiting:payment', 899, undefined],
    ['created', 900, 'The order has expired'],
    ['awaiting:payment', 900, 'The order has expired'],
    ['complete', 0, 'The order is already paid'],
    ['cancelled', 0, 'The order is cancelled: expired'],
    ['refunded', 0, 'The order is cancelled: expired'],
  ] as const)('a %s order after %i s', (status, seconds, refusal) => {
    const outcome = payable(buyer, order({ status, reason: 'expired' }), later(seconds));
    if (refusal === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject({ code: 'conflict', message: refusal });
  });

  test('a payment that could not end in time is not begun', () => {
    expect(payable(buyer, order(), later(895), 5)).toBeUndefined();
    expect(payable(buyer, order(), later(896), 5)).toMatchObject({
      code: 'conflict',
      message: 'Less than 5 seconds are left, too few to begin a payment',
    });
  });

  test("another's order is refused before anything of it is told", () => {
    expect(payable('d'.repeat(24), order({ status: 'complete' }), now)).toMatchObject({ code: 'forbidden' });
  });
});

describe('what an intent means for a started payment', () => {
  test.each([
    ['succeeded', {}, {}, { status: 'succeeded' }],
    ['canceled', {}, {}, { status: 'failed', reason: 'The payment was given up' }],
    ['requires_action', {}, {}, { challenged: true }],
    ['requires_action', {}, { challenged: true }, {}],
    ['requires_payment_method', {}, {}, {}],
    ['requires_payment_method', { decline }, {}, { status: 'failed', reason: decline.message }],
    ['requires_payment_method', { decline }, { challenged: true }, {}],
    ['requires_confirmation', {}, {}, {}],
    ['processing', {}, {}, {}],
  ] as const)('%s %j, known %j', (status, fields, known, changes) => {
    expect(learn(intent(status, fields))(payment(known))).toEqual(changes);
  });

  test.each(['succeeded', 'failed', 'refunded'] as const)(
    'a payment that is %s learns nothing more',
    (status) => {
      for (const state of ['succeeded', 'canceled', 'requires_action'] as const) {
        expect(learn(intent(state))(payment({ status }))).toEqual({});
      }
      expect(refuse('no such card')(payment({ status }))).toEqual({});
      expect(attach('pi_2')(payment({ status }))).toMatchObject({ code: 'conflict' });
    },
  );
});

test('a refusal ends a payment that came no further than what was refused', () => {
  const over = { status: 'failed', reason: 'not this one' };
  expect(refuse('not this one')(payment())).toEqual(over);
  expect(refuse('not this one', 'pi_1')(payment({ intentId: 'pi_1' }))).toEqual(over);
  // The same request, sent at once, got its intent and may be charging it.
  expect(refuse('not this one')(payment({ intentId: 'pi_1' }))).toEqual({});
});

describe('ending an intent', () => {
  const table: readonly [IntentStatus, Partial<Intent>, Partial<Payment>, Record<Pressure, boolean>][] = [
    ['succeeded', {}, {}, { look: false, recover: false, end: false }],
    ['canceled', {}, {}, { look: false, recover: false, end: false }],
    ['processing', {}, {}, { look: false, recover: false, end: true }],
    ['requires_action', {}, { challenged: true }, { look: false, recover: false, end: true }],
    ['requires_confirmation', {}, {}, { look: false, recover: true, end: true }],
    ['requires_payment_method', {}, {}, { look: false, recover: true, end: true }],
    ['requires_payment_method', { decline }, {}, { look: false, recover: true, end: true }],
    ['requires_payment_method', { decline }, { challenged: true }, { look: true, recover: true, end: true }],
  ];
  test.each(table)('%s %j %j', (status, fields, known, expected) => {
    const pressures = Object.keys(expected) as Pressure[];
    const outcome = Object.fromEntries(
      pressures.map((pressure) => [pressure, mustEnd(intent(status, fields), payment(known), pressure)]),
    );
    expect(outcome).toEqual(expected);
  });
});

describe('giving money back', () => {
  test.each([
    ['created', false],
    ['awaiting:payment', false],
    ['complete', false],
    ['cancelled', true],
    ['refunded', true],
  ] as const)('a charge for a %s order is owed back: %s', (status, owed) => {
    expect(isOwedBack(order({ status }))).toBe(owed);
  });

  test('an order that was not heard of owes nothing yet', () => expect(isOwedBack(null)).toBe(false));

  test('is decided once, and only for money that was taken', () => {
    const decision = { refund: { cause: 'order:cancelled/1', reason: 'gone', at: now } };
    const decide = decideRefund('order:cancelled/1', 'gone', now);
    expect(decide(payment({ status: 'succeeded' }))).toEqual(decision);
    expect(decide(payment({ status: 'succeeded', ...decision }))).toEqual({});
    for (const status of ['started', 'failed', 'refunded'] as const) {
      expect(decide(payment({ status }))).toEqual({});
    }
  });

  test('is recorded only when it was decided', () => {
    const refund = { cause: 'x', reason: 'gone', at: now };
    expect(refunded(payment({ status: 'succeeded', refund }))).toEqual({
      status: 'refunded',
      reason: 'gone',
    });
    expect(refunded(payment({ status: 'succeeded' }))).toEqual({});
    expect(refunded(payment({ status: 'refunded', refund }))).toEqual({});
  });
});
