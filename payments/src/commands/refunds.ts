import { isLive, keptOf } from '@ticketing/common/contracts/order';
import { change, type Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import type { Order, Payment } from '../domain.ts';
import * as rules from '../domain/refunds.ts';
import type { Gateway, News } from '../gateway.ts';

export interface RefundDeps extends Pick<Ports, 'clock' | 'log' | 'metrics'> {
  Payments: Records<Payment>;
  Orders: Store<Order>;
  gateway: Gateway;
  /** Between two looks at a refund under way, at most. */
  longestPauseMs: number;
}

/** Every way in which money goes back. */
export const refunds = ({ Payments, Orders, gateway, clock, log, metrics, longestPauseMs }: RefundDeps) => {
  /** The provider was asked after `before` was read: who was faster may know something newer, so nothing is written then. */
  const write = async (
    before: Payment,
    rule: Parameters<typeof change<Payment>>[2],
    options: { quiet?: boolean } = {},
  ): Promise<Payment | Rejection> => {
    const decide = (now: Payment) => (now.version === before.version ? rule(now) : MOVED);
    const after = await change(Payments, before, decide, options);
    if (!isRejection(after) && after.refund?.status === 'failed' && before.refund?.status !== 'failed') {
      const { _id: paymentId, orderId, refund } = after;
      metrics.count('refunds_failed_total');
      log.error(
        { paymentId, orderId, attempt: refund.attempt, why: refund.why },
        'a refund failed; somebody must try it again or close it',
      );
    }
    if (!isRejection(after) && after.dispute && after.dispute.status !== before.dispute?.status) {
      const { _id: paymentId, orderId, dispute } = after;
      metrics.count('disputes_total', { status: dispute.status });
      log.warn({ paymentId, orderId, ...dispute }, 'a payment is disputed, or the bank has decided');
    }
    return after;
  };

  /** The operator is told once, and may give the money back before it is disputed. */
  const warn = async (before: Payment) => {
    const after = await write(before, rules.warn(clock.now()));
    if (isRejection(after) || after.version === before.version) return;
    metrics.count('fraud_warnings_total');
    log.warn({ paymentId: after._id, orderId: after.orderId }, "the buyer's bank warns of fraud");
  };

  /** Learns what went back, whoever gave it, and carries a decided refund on as far as it goes now. */
  const giveBack = async (id: string, about?: News['about']): Promise<Payment | Rejection> => {
    let refusal: string | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const before = await Payments.findOne({ _id: id });
      if (!before) return reject('not-found', `There is no payment ${id}`);
      if (before.intentId === undefined) return before;
      // Disputes are rare: they are asked for when something speaks of one.
      const suspected = about === 'dispute' || refusal !== undefined || before.dispute?.status === 'open';
      const disputes = suspected ? await gateway.disputes(before.intentId) : undefined;
      const made = await gateway.refunds(before.intentId, { id });
      if ('refused' in made) return write(before, rules.refuseRefund(made.refused));
      const payment = await write(before, rules.hear(made, disputes));
      if (payment === MOVED) continue;
      const next = isRejection(payment) ? undefined : rules.toMake(payment, made);
      if (isRejection(payment) || !next) return payment;
      if (next === 'unsure') return write(payment, rules.refuseRefund(rules.LESS));
      if (refusal !== undefined && next.attempt === payment.refund?.attempt)
        return write(payment, rules.refuseRefund(refusal));
      const decided = await write(payment, rules.attempt(next), { quiet: true });
      if (decided === MOVED) continue;
      if (isRejection(decided)) return decided;
      const answer = await gateway.refund(before.intentId, { id, ...next });
      refusal = 'refused' in answer ? answer.refused : undefined;
    }
    return MOVED;
  };

  /** The money of what an order does not hold any more goes back. */
  const returnIfOwed = async (payment: Payment, cause: string): Promise<Payment | Rejection> => {
    const order = await Orders.findOne({ _id: payment.orderId });
    if (!rules.isOwedBack(order)) return payment;
    const why = isLive(order.status) ? order.returned?.at(-1)?.note : order.reason;
    const what = isLive(order.status) ? 'Part of the order was taken back' : `The order is ${order.status}`;
    const decide = rules.decideRefund(
      cause,
      why === undefined ? what : `${what}: ${why}`,
      keptOf(order),
      clock.now(),
    );
    const decided = await change(Payments, payment._id, decide, { quiet: true });
    return isRejection(decided) || decided.refund?.status !== 'pending' ? decided : giveBack(decided._id);
  };

  const carryOn = async (payment: Payment) => {
    const dueAt = rules.pauseAfter(payment.looks ?? 0, clock.now(), longestPauseMs);
    await Payments.updateOne({ _id: payment._id }, { $set: { dueAt }, $inc: { looks: 1 } });
    if (payment.asked) await change(Payments, payment._id, rules.doAsked(clock.now()));
    return payment.refund?.status
      ? giveBack(payment._id)
      : returnIfOwed(payment, payment.refund?.cause ?? 'sweep');
  };

  return {
    warn,
    giveBack,
    returnIfOwed,

    /** Carries on the refunds that are under way or asked for, and counts those that wait for a person. */
    async finishRefunds(): Promise<number> {
      const decided = { status: 'succeeded', 'refund.at': { $exists: true } };
      const due = await Payments.find(
        {
          ...decided,
          $or: [
            { asked: { $exists: true } },
            {
              'refund.status': { $nin: ['succeeded', 'failed', 'closed'] },
              $or: [{ dueAt: { $exists: false } }, { dueAt: { $lte: clock.now() } }],
            },
          ],
        },
        { sort: { dueAt: 1, _id: 1 }, limit: 50 },
      );
      metrics.gauge(
        'refunds_to_look_at',
        {},
        await Payments.count({ ...decided, 'refund.status': 'failed' }),
      );
      await each(due, carryOn);
      return due.length;
    },
  };
};

/** Takes them one by one; one that fails holds up no other, and is thrown at the end. */
export const each = async <T>(things: readonly T[], work: (thing: T) => Promise<unknown>) => {
  const failures: unknown[] = [];
  for (const thing of things) await work(thing).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
};

/** Others may be at work on the same payment; more often than this they are not faster. */
const ROUNDS = 8;
const MOVED = reject('unavailable', 'Too many changes at once', { retryAfter: 1 });
