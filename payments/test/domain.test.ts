import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  attach,
  learn,
  mustEnd,
  type Order,
  over,
  payable,
  type Payment,
  type Pressure,
  refuse,
} from '../src/domain.ts';
import {
  attempt,
  decideRefund,
  doAsked,
  hear,
  isOwedBack,
  pauseAfter,
  refuseRefund,
  toMake,
} from '../src/domain/refunds.ts';
import type { Intent, IntentStatus, Refund } from '../src/gateway.ts';
import { paymentModel } from '../src/model.ts';

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

  test.each([
    ['created', 914, undefined],
    ['awaiting:payment', 914, undefined],
    ['awaiting:payment', 915, 'The order has expired'],
    ['cancelled', 0, 'The order is cancelled: expired'],
    ['complete', 0, 'The order is already paid'],
  ] as const)('one that was begun in time goes on with a %s order after %i s', (status, seconds, refusal) => {
    const outcome = over(order({ status, reason: 'expired' }), later(seconds), 15);
    if (refusal === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject({ code: 'conflict', message: refusal });
  });

  test.each([
    ['in it', 914, undefined],
    ['after it', 915, 'The order has expired'],
  ] as const)('the grace is given once: %s', (_when, seconds, refusal) => {
    const outcome = over(
      order({ status: 'awaiting:payment', extended: true, expiresAt: later(915) }),
      later(seconds),
      15,
    );
    expect(outcome?.message).toBe(refusal);
  });

  test.each([
    ['created', 'The order is free: there is nothing to pay'],
    ['complete', 'The order is free: there is nothing to pay'],
    ['cancelled', 'The order is cancelled: seller'],
  ] as const)('a free order that is %s takes no payment', (status, message) => {
    const free = order({ status, total: 0, reason: 'seller' });
    expect(payable(buyer, free, now)).toMatchObject({ code: 'conflict', message });
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
    // Where it was tried from is kept of what was declined alone.
    ['succeeded', {}, { tried: { address: '::1' } }, { status: 'succeeded', tried: undefined }],
    [
      'requires_payment_method',
      { decline: { ...decline, card: 'f1' } },
      { tried: { address: '::1' } },
      {
        status: 'failed',
        reason: decline.message,
        tried: { address: '::1', card: 'f1', declinedAt: now },
      },
    ],
  ] as const)('%s %j, known %j', (status, fields, known, changes) => {
    expect(learn(intent(status, fields), now)(payment({ intentId: 'pi_1', ...known }))).toEqual(changes);
    const first = Object.keys(changes).length > 0 ? { ...changes, intentId: 'pi_1' } : {};
    expect(learn(intent(status, fields), now)(payment(known))).toEqual(first);
  });

  test.each(['succeeded', 'failed', 'refunded'] as const)(
    'a payment that is %s learns nothing more',
    (status) => {
      for (const state of ['succeeded', 'canceled', 'requires_action'] as const) {
        expect(learn(intent(state), now)(payment({ status }))).toEqual({});
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

  const decided = { cause: 'order:cancelled/1', reason: 'gone', at: now };
  const refund = { ...decided, status: 'pending', attempt: 1, amount: 2500 } as const;
  const made = (fields: Partial<Refund> = {}): Refund => ({
    id: 're_1',
    amount: 2500,
    status: 'succeeded',
    attempt: 1,
    ...fields,
  });
  const { attempt: _, ...byHand } = made({ amount: 700 });
  /** A payment as it is after the provider told all of this, one after the other. */
  const after = (before: Partial<Payment>, ...told: Refund[][]) =>
    told.reduce(
      (known, refunds) => ({ ...known, ...hear(refunds)(known) }) as Payment,
      payment({ status: 'succeeded', ...before }),
    );

  test('is decided once, of what is left, and only for money that was taken', () => {
    const decide = decideRefund('order:cancelled/1', 'gone', 0, now);
    const decision = { refund, dueAt: later(5) };
    expect(decide(payment({ status: 'succeeded' }))).toEqual(decision);
    expect(decide(payment({ status: 'succeeded', refundedAmount: 700 }))).toMatchObject({
      refund: { amount: 1800 },
    });
    expect(decide(payment({ status: 'succeeded', ...decision }))).toEqual({});
    for (const status of ['started', 'failed', 'refunded'] as const) {
      expect(decide(payment({ status }))).toEqual({});
    }
  });

  test.each([
    ['nothing', [], 'succeeded', undefined, 'pending'],
    ['ours that stands', [made()], 'refunded', 2500, 'succeeded'],
    ['ours on its way', [made({ status: 'pending' })], 'succeeded', undefined, 'pending'],
    ['ours that failed', [made({ status: 'failed' })], 'succeeded', undefined, 'failed'],
    ['a part by hand', [byHand], 'succeeded', 700, 'pending'],
    ['a part by hand, and ours', [made({ amount: 1800 }), byHand], 'refunded', 2500, 'succeeded'],
    ['a part by hand that failed', [{ ...byHand, status: 'failed' }], 'succeeded', undefined, 'pending'],
  ] as const)('the provider shows %s', (_what, refunds, status, refundedAmount, stands) => {
    const known = after({ refund }, [...refunds]);
    expect([known.status, known.refundedAmount, known.refund?.status]).toEqual([
      status,
      refundedAmount,
      stands,
    ]);
    expect(hear([...refunds])(known)).toEqual({});
  });

  test('a refund that fails after it stood is owed again, until a person has it tried again or closes it', () => {
    const failed = after({ refund }, [made()], [made({ status: 'failed', why: 'expired' })]);
    expect(failed).toMatchObject({ status: 'succeeded', refund: { status: 'failed', why: 'expired' } });
    expect(toMake(failed, [made({ status: 'failed' })])).toBeUndefined();
    const closed = { ...failed, ...doAsked(now)({ ...failed, asked: { do: 'close', note: 'By cheque' } }) };
    expect(closed.refund).toMatchObject({ status: 'closed', note: 'By cheque' });
    const again = {
      ...closed,
      ...doAsked(now)({ ...(closed as Payment), asked: { do: 'retry' } }),
    } as Payment;
    expect(again.refund).toEqual({ ...refund, attempt: 2, unsent: true });
    expect(toMake(again, [made({ status: 'failed' })])).toEqual({ attempt: 2, amount: 2500 });
  });

  test('what is not there to be tried again or closed is left as it is', () => {
    for (const before of [payment({ status: 'succeeded', refund }), payment({ status: 'refunded' })])
      expect(doAsked(now)({ ...before, asked: { do: 'retry' } })).toEqual({ asked: undefined });
    expect(doAsked(now)(payment())).toEqual({});
  });

  test.each([
    ['nothing yet', [], { attempt: 1, amount: 2500 }],
    ['a part by hand: the rest, as another attempt', [byHand], { attempt: 2, amount: 1800 }],
    ['a part on its way: the rest', [{ ...byHand, status: 'pending' }], { attempt: 2, amount: 1800 }],
    ['a part that failed: all', [{ ...byHand, status: 'failed' }], { attempt: 1, amount: 2500 }],
    ['all of it on its way: nothing', [{ ...byHand, amount: 2500, status: 'pending' }], undefined],
    ['this attempt: nothing more', [made({ status: 'pending' })], undefined],
  ] as const)('what is given back never exceeds what the provider has left: %s', (_what, refunds, next) => {
    expect(toMake(after({ refund }, [...refunds]), [...refunds])).toEqual(next);
  });

  describe('of a part', () => {
    const keeping = (keep: number, before: Partial<Payment> = {}) => {
      const known = payment({ status: 'succeeded', ...before });
      return { ...known, ...decideRefund('order:updated/2', 'a place', keep, now)(known) } as Payment;
    };
    const first = keeping(1500);

    test('is what the order does not keep, and its payment stays taken', () => {
      expect(first.refund).toMatchObject({ attempt: 1, amount: 1000, keep: 1500 });
      const given = after(first, [made({ amount: 1000 })]);
      expect(given).toMatchObject({ status: 'succeeded', refundedAmount: 1000 });
      expect(given.refund).toMatchObject({ status: 'succeeded' });
      expect(toMake(given, [made({ amount: 1000 })])).toBeUndefined();
    });

    test('is decided again when the order keeps less, not when the same or older news come again', () => {
      const given = after(first, [made({ amount: 1000 })]);
      expect(keeping(1500, given)).toEqual(given);
      expect(keeping(2000, given)).toEqual(given);
      const more = keeping(500, given);
      expect(more.refund).toMatchObject({ status: 'pending', attempt: 1, keep: 500 });
      expect(toMake(more, [made({ amount: 1000 })])).toEqual({ attempt: 2, amount: 1000 });
      expect(toMake(keeping(0, given), [made({ amount: 1000 })])).toEqual({ attempt: 2, amount: 1500 });
    });

    test('that somebody may be asking for is made first when more is to go back meanwhile', () => {
      const more = keeping(500, first);
      expect(toMake(more, [])).toEqual({ attempt: 1, amount: 1000 });
      const pending = [made({ amount: 1000, status: 'pending' })];
      expect(after(more, pending).refund).toMatchObject({ status: 'pending' });
      expect(toMake(after(more, pending), pending)).toEqual({ attempt: 2, amount: 1000 });
    });

    test('of which a part went back elsewhere meanwhile is for a person', () => {
      expect(toMake(after(first, [byHand]), [byHand])).toBe('unsure');
    });

    test('that failed waits for a person with what leaves next; what was closed is closed', () => {
      const failed = after(first, [made({ amount: 1000, status: 'failed' })]);
      const more = keeping(500, failed);
      expect(more.refund).toMatchObject({ status: 'failed', attempt: 1, amount: 2000, keep: 500 });
      const again = { ...more, ...doAsked(now)({ ...more, asked: { do: 'retry' } }) } as Payment;
      // Of what is pending there, nothing is asked for again, whatever was not heard of.
      const slow = [made({ amount: 700, attempt: 3, status: 'pending' })];
      expect(toMake(again, slow)).toEqual({ attempt: 2, amount: 1300 });
      expect(attempt({ attempt: 2, amount: 1300 })(again).refund).not.toHaveProperty('unsent');
      const closed = { ...failed, ...doAsked(now)({ ...failed, asked: { do: 'close', note: 'Cash' } }) };
      const next = keeping(500, closed as Payment);
      expect(next.refund).toMatchObject({ status: 'pending', attempt: 2, amount: 1000, closed: 1000 });
      const told = [made({ amount: 1000, status: 'failed' }), made({ amount: 1000, attempt: 2 })];
      expect(after(next, told).refund).toMatchObject({ status: 'succeeded' });
    });

    test('goes back once, whoever asks the provider at the same time', () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 20, maxLength: 40 }),
          fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 3, maxLength: 4 }),
          (turns, parts) => {
            let known = payment({ status: 'succeeded' });
            let keep = known.amount;
            const provider: Refund[] = [];
            const given = () => provider.reduce((sum, { amount }) => sum + amount, 0);
            /** Asks the provider as `giveBack` does: each `yield` is a moment in which others come in between. */
            function* asker(): Generator<undefined, never, undefined> {
              for (;;) {
                const before = known;
                const told = [...provider];
                yield;
                if (known !== before) continue;
                const heard = hear(told)(known);
                if (Object.keys(heard).length > 0) known = { ...known, ...heard } as Payment;
                const next = toMake(known, told);
                const seen = known;
                yield;
                if (known !== seen || !next || next === 'unsure') continue;
                if (next.attempt !== known.refund?.attempt)
                  known = { ...known, ...attempt(next)(known) } as Payment;
                yield;
                if (!provider.some((one) => one.attempt === next.attempt))
                  provider.push(made({ id: `re_${next.attempt}`, ...next }));
                if (given() > known.amount - keep) throw new Error(`${given()} went back`);
              }
            }
            const askers = [asker(), asker()];
            const leave = () => {
              keep = Math.max(0, keep - (parts.shift() ?? 0));
              known = { ...known, ...decideRefund('e', 'r', keep, now)(known) } as Payment;
            };
            leave();
            for (const turn of turns)
              if (turn === 2) leave();
              else askers[turn]?.next();
            for (let n = 0; n < 30; n++) for (const one of askers) one.next();
            expect(given()).toBe(known.amount - keep);
          },
        ),
        { numRuns: 2000 },
      );
    });
  });

  test('a refusal ends only what is under way', () => {
    expect(refuseRefund('no')(payment({ status: 'succeeded', refund }))).toEqual({
      refund: { ...refund, status: 'failed', why: 'no' },
    });
    expect(refuseRefund('no')(payment({ status: 'succeeded' }))).toEqual({});
  });

  test('looks at it become rarer, and never rarer than is said', () => {
    expect([0, 1, 2, 3, 100].map((looks) => pauseAfter(looks, now, 30_000))).toEqual(
      [5, 10, 20, 30, 30].map(later),
    );
  });
});

test('a payment that a release before gave back is told without what that did not note', () => {
  const before = {
    ...payment({ status: 'refunded' }),
    refund: { cause: 'order:cancelled/1/3', reason: 'The order is cancelled: buyer', at: now },
  };
  const { type, data } = paymentModel.announce(before as unknown as Payment)!;
  expect(type).toBe('payment:refunded');
  expect(data).not.toHaveProperty('refund');
});
