import { keptOf } from '@ticketing/common/contracts/order';
import type { Changes } from '@ticketing/common/record';
import type { Order, Payment, Returning } from '../domain.ts';
import type { Dispute, Refund } from '../gateway.ts';

/** Money for what an order does not hold any more must go back. */
export const isOwedBack = (order: Order | null): order is Order =>
  order !== null && keptOf(order) < order.total;

/** Whether an order does not keep what a payment still keeps for it. */
export const isUndecided = (order: Order | null, { refund }: Payment): order is Order =>
  isOwedBack(order) && (!refund?.status || keptOf(order) < (refund.keep ?? 0));

/**
 * Decides to give back what an order does not `keep` of a payment; the event that caused it is part of the decision. Once, and again
 * whenever it keeps less: what was decided before and is still under way goes on, and the rest follows. Where a person is to decide
 * about a refund that failed, they decide about all of it; what they closed is closed.
 */
export const decideRefund =
  (cause: string, reason: string, keep: number, now: Date) =>
  (payment: Payment): Changes<Payment> => {
    const { status, refund } = payment;
    if (status !== 'succeeded') return {};
    const begun = { dueAt: pauseAfter(0, now, FIRST_PAUSE), ...(payment.looks && { looks: 0 }) };
    const kept = keep > 0 && { keep };
    const decision = { cause, reason, at: now, status: 'pending' as const, ...kept };
    if (!refund?.status) {
      const amount = rest(payment, { keep });
      return amount > 0 ? { refund: { ...decision, attempt: 1, amount }, ...begun } : {};
    }
    if (keep >= (refund.keep ?? 0)) return {};
    const { keep: _, ...before } = refund;
    const { closed = 0, amount, attempt } = refund;
    switch (refund.status) {
      case 'pending':
      case 'succeeded':
        return { refund: { ...before, ...decision }, ...begun };
      case 'failed':
        return { refund: { ...before, ...kept, amount: rest(payment, { keep, closed }) } };
      case 'closed': {
        const more = rest(payment, { keep, closed: closed + amount });
        if (more <= 0) return { refund: { ...before, ...kept } };
        const next = { closed: closed + amount, attempt: attempt + 1, amount: more, unsent: true };
        return { refund: { ...before, ...decision, ...next }, ...begun };
      }
    }
  };

/** What of a payment is to go back and is not, as far as was heard. */
const rest = (
  { amount, refundedAmount = 0 }: Payment,
  { keep = 0, closed = 0 }: Pick<Returning, 'keep' | 'closed'> = {},
) => amount - refundedAmount - keep - closed;

/** In milliseconds: between two looks at a refund under way, doubled after each. */
const FIRST_PAUSE = 5000;

/** When to look again after so many looks, at most `longest` milliseconds from now. */
export const pauseAfter = (looks: number, now: Date, longest: number): Date =>
  new Date(now.getTime() + Math.min(longest, FIRST_PAUSE * 2 ** Math.min(looks, 30)));

/**
 * What the provider's refunds and disputes mean: derived from all of them, so that order, repeats and loss of news do not
 * matter. Disputes that were not asked for now are as they were last heard of.
 */
export const hear =
  (refunds: readonly Refund[], heard?: readonly Dispute[]) =>
  (payment: Payment): Changes<Payment> => {
    if (payment.status !== 'succeeded' && payment.status !== 'refunded') return {};
    const disputes = heard ?? payment.disputes ?? [];
    const standing = refunds.filter(({ status }) => status === 'succeeded');
    const lost = sum(disputes.filter(({ status }) => status === 'lost'));
    const amount = Math.min(payment.amount, sum(standing) + lost);
    const elsewhere = sum(standing.filter(({ attempt }) => attempt === undefined));
    const whole = amount >= payment.amount;
    const missing = rest({ ...payment, refundedAmount: amount }, payment.refund);
    const found: Changes<Payment> = {
      status: whole ? 'refunded' : 'succeeded',
      reason: whole ? (payment.refund?.reason ?? (lost > 0 ? CHARGED_BACK : ELSEWHERE)) : undefined,
      refundedAmount: amount || undefined,
      refundedElsewhere: elsewhere || undefined,
      refund: payment.refund && became(payment.refund, refunds, missing),
      dispute: disputed(disputes),
      ...(heard && heard.length > 0 && { disputes: heard }),
    };
    return Object.fromEntries(
      Object.entries(found).filter(([key, value]) => !same(payment[key as keyof Payment], value)),
    );
  };

const same = (one: unknown, other: unknown) =>
  one === other || (one !== undefined && JSON.stringify(one) === JSON.stringify(other));

/** One that is open comes first, then what was lost. */
const disputed = (disputes: readonly Dispute[]): Payment['dispute'] => {
  for (const status of ['open', 'lost', 'won'] as const) {
    const such = disputes.filter((dispute) => dispute.status === status);
    if (such.length > 0) return { status, amount: sum(such) };
  }
  return undefined;
};

const became = (refund: Returning, refunds: readonly Refund[], missing: number): Returning => {
  if (missing <= 0) return as(refund, 'succeeded');
  if (refund.status === 'closed') return refund;
  const tries = refunds.filter(({ attempt }) => attempt === refund.attempt);
  const made = tries.find(({ status }) => status !== 'failed') ?? tries[0];
  switch (made?.status) {
    case 'failed':
      return failed(refund, missing, made.why);
    case 'pending':
      return as(refund, 'pending');
    case 'succeeded':
      // More is to go back since it was made, or what had gone back came back.
      return refund.status === 'pending' ? refund : failed(refund, missing, LOST);
    case undefined:
      if (refund.status === 'failed') return failed(refund, missing, refund.why);
      return refund.status === 'succeeded' ? failed(refund, missing, LOST) : refund;
  }
};

const as = (refund: Returning, status: Returning['status'], why?: string): Returning => {
  if (refund.status === status && refund.why === why) return refund;
  const { why: _, ...rest } = refund;
  return { ...rest, status, ...(why !== undefined && { why }) };
};

/** It is for a person then, with all that is to go back. */
const failed = (refund: Returning, amount: number, why?: string): Returning => {
  const now = as(refund, 'failed', why);
  return now.amount === amount ? now : { ...now, amount };
};

/**
 * What to ask the provider for now: all that is left to go back, pending refunds counted as gone; nothing while the bank decides.
 * Others may be asking for the attempt that stands. So it is made before there is another, unless it is too much by now: what
 * keeps the provider from giving both is that it gives no more than was charged, and where the order keeps some of that, a person decides.
 */
export const toMake = (
  { status, amount, refund, dispute, disputes = [] }: Payment,
  refunds: readonly Refund[],
): Pick<Returning, 'attempt' | 'amount'> | 'unsure' | undefined => {
  if (status !== 'succeeded' || refund?.status !== 'pending' || dispute?.status === 'open') return undefined;
  const { keep = 0, closed = 0 } = refund;
  const lost = sum(disputes.filter((one) => one.status === 'lost'));
  const left = amount - keep - closed - lost - sum(refunds.filter((made) => made.status !== 'failed'));
  if (left <= 0) return undefined;
  if (refund.unsent) return { attempt: refund.attempt, amount: left };
  const made = refunds.filter(({ attempt }) => attempt === refund.attempt);
  if (made.length > 0) {
    const stands = made.some((one) => one.status !== 'failed');
    return stands ? { attempt: refund.attempt + 1, amount: left } : undefined;
  }
  if (left >= refund.amount) return { attempt: refund.attempt, amount: refund.amount };
  return keep > 0 ? 'unsure' : { attempt: refund.attempt + 1, amount: left };
};

export const attempt =
  (next: Pick<Returning, 'attempt' | 'amount'>) =>
  ({ refund }: Payment): Changes<Payment> => {
    if (!refund || (refund.attempt === next.attempt && !refund.unsent)) return {};
    const { unsent: _, ...before } = refund;
    return { refund: { ...before, ...next } };
  };

/** The provider will not: a person must see it. */
export const refuseRefund =
  (why: string) =>
  (payment: Payment): Changes<Payment> => {
    const { refund } = payment;
    return refund?.status === 'pending' ? { refund: failed(refund, rest(payment, refund), why) } : {};
  };

/** The bank warns of fraud; somebody may give the money back before it is disputed. */
export const warn =
  (now: Date) =>
  ({ warnedAt }: Payment): Changes<Payment> =>
    warnedAt ? {} : { warnedAt: now };

/** A person tries a failed refund again, or closes it with a note for the buyer. */
export const doAsked =
  (now: Date) =>
  (payment: Payment): Changes<Payment> => {
    const { asked, refund, status } = payment;
    if (!asked) return {};
    const open = status === 'succeeded' && (refund?.status === 'failed' || refund?.status === 'closed');
    if (!open) return { asked: undefined };
    const { note: _, ...before } = refund;
    switch (asked.do) {
      case 'retry': {
        const again = {
          ...as(before, 'pending'),
          attempt: refund.attempt + 1,
          amount: rest(payment, refund),
          unsent: true,
        };
        return { asked: undefined, refund: again, dueAt: now, looks: 0 };
      }
      case 'close':
        return { asked: undefined, refund: { ...before, status: 'closed', note: asked.note } };
    }
  };

const sum = (moved: readonly { amount: number }[]) => moved.reduce((total, { amount }) => total + amount, 0);

const ELSEWHERE = 'Given back at the payment provider';
const CHARGED_BACK = 'The bank decided a dispute for the buyer';
export const LESS = 'Part of it went back elsewhere; look at the provider, and try again';
const LOST = 'A refund that had succeeded failed later';
