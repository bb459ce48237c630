import { fingerprint, ifSame } from '@ticketing/common/idempotency';
import { heardOf } from '@ticketing/common/known';
import { change, create } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import { ASK_AFTER_MS, intents, LOOK_AFTER_MS } from './commands/intents.ts';
import { each, type RefundDeps, refunds } from './commands/refunds.ts';
import { sweep, type SweepDeps } from './commands/sweep.ts';
import { cardTries, ORDER_OVER, type TriesDeps } from './commands/tries.ts';
import * as rules from './domain.ts';
import { CHARGING, LIVE_PAYMENT, type Payment } from './domain.ts';
import { isUndecided } from './domain/refunds.ts';
import type { Delivery, Intent, News, Refused } from './gateway.ts';

export interface Deps
  extends RefundDeps, TriesDeps, Omit<SweepDeps, 'hear'>, Pick<Ports, 'ids' | 'caughtUp'> {
  /** What must be left of an order's time for a payment to begin. */
  beginSeconds: number;
  /** For how long `orders` waits beyond an order's time for a payment that was begun. */
  graceSeconds: number;
}

export interface Wanted {
  orderId: string;
  paymentMethod: string;
  idempotencyKey?: string | undefined;
  /** Where it is asked from. */
  address?: string | undefined;
}

/** A payment as it stands; `clientSecret` while the buyer must authenticate. */
export interface Attempt {
  payment: Payment;
  clientSecret?: string;
}

export type Commands = ReturnType<typeof commands>;

/** Every way in which a payment can change. */
export const commands = (deps: Deps) => {
  const { Payments, Orders, gateway, clock, log } = deps;
  const { giveBack, returnIfOwed, finishRefunds, warn } = refunds(deps);
  const tries = cardTries(deps);
  const { begin, present, record, refuse, conclude } = intents({ ...deps, tries, returnIfOwed });

  /**
   * Makes the intent and charges. A repeated request first asks how far the one before came. It, and one that took long,
   * looks at the order once more before it charges, and takes the payment for itself by writing down the intent's id.
   */
  const proceed = async (payment: Payment, looked?: Date): Promise<Attempt | Rejection> => {
    if (payment.status !== 'started') return answerTo(payment);
    const intent = await (looked ? begin(payment) : present(payment));
    if ('refused' in intent) return giveUp(payment, intent);
    if (intent.status !== 'requires_payment_method' || intent.decline) return recorded(payment, intent);
    const since = (moment: Date) => (looked ? clock.now().getTime() - moment.getTime() : Infinity);
    const begun =
      since(payment.createdAt) > ASK_AFTER_MS
        ? await change(Payments, payment, rules.attach(intent.id), { quiet: true })
        : payment;
    if (isRejection(begun)) return settledBy(payment._id, begun);
    const order =
      since(looked ?? payment.createdAt) > LOOK_AFTER_MS
        ? await Orders.findOne({ _id: payment.orderId })
        : null;
    const refusal = order && rules.over(order, clock.now(), deps.graceSeconds);
    if (refusal) {
      const ended = await conclude(begun, 'end');
      return isRejection(ended) || ended.status === 'failed' ? refusal : outcome(ended);
    }
    const { _id: id, paymentMethod } = payment;
    const confirmed = await gateway.confirm(intent.id, { id, paymentMethod });
    return 'refused' in confirmed ? giveUp(begun, confirmed) : recorded(begun, confirmed);
  };

  const recorded = async (before: Payment, intent: Intent): Promise<Attempt | Rejection> => {
    const now = await record(before, intent);
    return isRejection(now) ? now : outcome(now, intent.clientSecret);
  };

  /** Who asks again is not told *paid* in the moment between a charge and the look at its order. */
  const answerTo = async (payment: Payment): Promise<Attempt | Rejection> => {
    const now = await returnIfOwed(payment, `payment:${payment._id}:asked`);
    return isRejection(now) ? now : outcome(now);
  };

  const giveUp = async (payment: Payment, refusal: Refused): Promise<Attempt | Rejection> => {
    const over = await refuse(payment, refusal);
    if (isRejection(over)) return over;
    if (!refusal.field) return outcome(over);
    const errors = [{ field: refusal.field, message: refusal.refused }];
    return reject('invalid', 'The payment method cannot be used', { errors });
  };

  const pay = async (
    userId: string,
    { orderId, paymentMethod, idempotencyKey, address }: Wanted,
  ): Promise<Attempt | Rejection> => {
    const keyed = idempotencyKey !== undefined && {
      idempotencyKey,
      requestHash: fingerprint({ orderId, paymentMethod }),
    };
    const repeated = async () => {
      const earlier = keyed ? await Payments.findOne({ userId, idempotencyKey }) : null;
      if (!keyed || !earlier) return undefined;
      const same = ifSame(earlier, keyed.requestHash);
      return isRejection(same) ? same : proceed(same);
    };
    const before = await repeated();
    if (before) return before;
    const looked = clock.now();
    const order = await heardOf('order', orderId, () => Orders.findOne({ _id: orderId }), deps);
    if (isRejection(order)) return order;
    const refusal =
      rules.payable(userId, order, clock.now(), deps.beginSeconds) ??
      tries.refusal({ orderId, userId, address });
    if (refusal) return refusal;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const payment = await create(
        Payments,
        {
          _id: deps.ids.next(),
          orderId,
          userId,
          amount: order.total,
          currency: order.currency,
          status: 'started',
          paymentMethod,
          ...(deps.tryLimits && { tried: { address } }),
          ...keyed,
        },
        TAKEN,
        { after: rules.untold(order, clock.now()) },
      );
      if (!isRejection(payment)) return proceed(payment, looked);
      const same = await repeated();
      if (same) return same;
      const refused = await makeWay(orderId);
      if (refused) return refused;
    }
    return reject('unavailable', 'Another attempt to pay this order is under way', { retryAfter: 1 });
  };

  /** The same request, sent twice at once, was faster: its outcome is this one's, too. */
  const settledBy = async (id: string, otherwise: Rejection): Promise<Attempt | Rejection> => {
    const now = await Payments.findOne({ _id: id });
    return now && now.status !== 'started' ? answerTo(now) : otherwise;
  };

  /** A new attempt first cancels the old one, so that an order is never charged twice. */
  const makeWay = async (orderId: string): Promise<Rejection | undefined> => {
    const live = await Payments.findOne({ orderId, status: { $in: CHARGING } });
    if (!live) return undefined;
    const ended = await conclude(live, 'end');
    if (isRejection(ended)) return ended;
    return ended.status === 'failed' ? undefined : ALREADY_PAID;
  };

  const hearNews = async ({ about, intentId, paymentId }: News): Promise<void> => {
    const payment = await Payments.findOne(paymentId === undefined ? { intentId } : { _id: paymentId });
    if (!payment || (payment.intentId ?? intentId) !== intentId) return;
    await conclude(payment, 'look', intentId);
    if (about === 'warning') await warn(payment);
    else if (about !== 'payment') {
      const now = await giveBack(payment._id, about);
      if (!isRejection(now) && !now.refund?.status) await returnIfOwed(now, `payment:${now._id}:${about}`);
    }
  };

  return {
    pay,

    /** A webhook says that something happened; what, is asked of Stripe. */
    async hear(delivery: Exclude<Delivery, 'unsigned'>): Promise<Rejection | undefined> {
      if (delivery === 'malformed') {
        log.info('a signed webhook is no event');
        return NO_EVENT;
      }
      if ('foreign' in delivery) {
        log.debug({ type: delivery.foreign }, 'a webhook that is not for us');
        return undefined;
      }
      await hearNews(delivery.news);
      return undefined;
    },

    sweepProvider: sweep({ ...deps, hear: hearNews }),

    /** An order is over, or less than it was: what may still be charged ends, what was charged for what it lost goes back. */
    async endOrder(orderId: string, cause: string): Promise<Rejection | undefined> {
      const live = await Payments.find({ orderId, status: { $in: LIVE_PAYMENT } });
      for (const payment of live) {
        const ended = await conclude(payment, 'end');
        const done = isRejection(ended) ? ended : await returnIfOwed(ended, cause);
        if (isRejection(done)) return done;
      }
      return undefined;
    },

    /** Goes on with payments that a crash or an outage left half-way. Resolves with how many. */
    async recover(olderThanMs: number) {
      const before = new Date(clock.now().getTime() - olderThanMs);
      const open = await Payments.find(
        {
          status: 'started',
          updatedAt: { $lt: before },
          $or: [{ lookedAt: { $exists: false } }, { lookedAt: { $lt: before } }],
        },
        { sort: { updatedAt: 1 }, limit: 50 },
      );
      await each(open, async (payment) => {
        await Payments.updateOne({ _id: payment._id }, { $set: { lookedAt: clock.now() } });
        const order = await Orders.findOne({ _id: payment.orderId });
        const over = order !== null && rules.over(order, clock.now(), deps.graceSeconds) !== undefined;
        await conclude(payment, over ? 'end' : 'recover');
      });
      return open.length;
    },

    finishRefunds,
    forgetTries: tries.forget,

    /** Looks once more for charges of orders that are over. Resolves with how many it found. */
    async sweepOwed(since: Date) {
      const charged = await Payments.find(
        { status: 'succeeded', updatedAt: { $gte: since } },
        { limit: 1000 },
      );
      let found = 0;
      await each(charged, async (payment) => {
        if (!isUndecided(await Orders.findOne({ _id: payment.orderId }), payment)) return;
        found += 1;
        await returnIfOwed(payment, 'sweep');
      });
      return found;
    },
  };
};

const ATTEMPTS = 5;
const TAKEN = reject('conflict', 'Another payment of this order is under way');
const NO_EVENT = reject('invalid', 'This is no event', {
  errors: [{ message: 'is not an event of Stripe' }],
});
const ALREADY_PAID = reject('conflict', 'The order is already paid');

const outcome = (payment: Payment, clientSecret?: string): Attempt | Rejection => {
  if (payment.lastTry) return ORDER_OVER;
  if (payment.status === 'failed')
    return reject('payment-required', payment.reason ?? 'The payment was declined');
  const open = payment.status === 'started' && payment.challenged && clientSecret !== undefined;
  return open ? { payment, clientSecret } : { payment };
};
