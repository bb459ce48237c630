import { isLive, type OrderStatus, type ReturnedItem } from '@ticketing/common/contracts/order';
import type { MoneyBack, PaymentStatus, RefundState } from '@ticketing/common/contracts/payment';
import type { Changes, Recorded } from '@ticketing/common/record';
import { reject, type Rejection } from '@ticketing/common/rejection';
import type { Replica } from '@ticketing/common/replicate';
import type { Dispute, Intent } from './gateway.ts';

/** What `payments` keeps of an order. */
export interface Order extends Replica {
  userId: string;
  status: OrderStatus;
  reason?: string;
  total: number;
  currency: string;
  expiresAt: Date;
  /** Its end is the one after the grace; a release before did not tell. */
  extended?: boolean;
  returned?: readonly Pick<ReturnedItem, 'back' | 'note'>[];
}

export interface Payment extends Recorded {
  orderId: string;
  userId: string;
  /** Minor units. */
  amount: number;
  currency: string;
  status: PaymentStatus;
  reason?: string;
  paymentMethod: string;
  /** When recovery last asked how it stands, so that one that stays open does not keep others waiting. */
  lookedAt?: Date;
  /** Stripe's id; until the outcome is written, whoever asks repeats the create, which makes no second one. */
  intentId?: string;
  /** The buyer was asked to authenticate, and so has the intent's client secret. */
  challenged?: boolean;
  refund?: Returning;
  refundedAmount?: MoneyBack['refundedAmount'];
  refundedElsewhere?: MoneyBack['refundedElsewhere'];
  dispute?: MoneyBack['dispute'];
  /** All disputes as the provider last told. */
  disputes?: readonly Dispute[];
  /** When the buyer's bank was first heard to warn of fraud. */
  warnedAt?: Date;
  /** When a refund under way is looked at again, and how often it was. */
  dueAt?: Date;
  looks?: number;
  /** Where it was tried from, and what was declined when: kept while it is open and for as long as tries are counted. */
  tried?: { address?: string | undefined; card?: string | undefined; declinedAt?: Date };
  /** Its order takes no more cards. */
  lastTry?: boolean;
  /** What a person asked to be done about a refund that failed. */
  asked?: { do: 'retry' } | { do: 'close'; note: string };
  idempotencyKey?: string;
  requestHash?: string;
}

/** Until when everything is known that the provider tells of its own accord, and when it is asked again. */
export interface Cursor {
  _id: string;
  heardUntil: Date;
  nextAt: Date;
}

/** The decision to give money back, with the event that caused it, and how far it came. */
export interface Returning extends RefundState {
  cause: string;
  reason: string;
  at: Date;
  /** Each has an amount that stands before the provider hears of it, and so is made once. */
  attempt: number;
  /** Why it failed, in the provider's words to us. */
  why?: string;
  /** What its order keeps of the payment, as far as was heard; nothing when left out. */
  keep?: number;
  /** Nobody asked the provider for this attempt yet: its amount is set when that begins. */
  unsent?: boolean;
}

/** The states in which a payment may hold or take the buyer's money. */
export const LIVE_PAYMENT = ['started', 'succeeded'] as const satisfies readonly PaymentStatus[];

/** Those and what went back, as a refund may fail later: an order has one such payment at most. */
export const CHARGING = [...LIVE_PAYMENT, 'refunded'] as const satisfies readonly PaymentStatus[];

/** Whether this user may pay this order now; `seconds` must be left of its time to begin. */
export const payable = (userId: string, order: Order, now: Date, seconds = 0): Rejection | undefined => {
  if (order.userId !== userId) return reject('forbidden', 'This order is not yours');
  // Such an order is complete when it is placed: no payment of it is expected.
  if (order.total === 0 && isLive(order.status)) return FREE;
  switch (order.status) {
    case 'created':
    case 'awaiting:payment':
      if (now >= order.expiresAt) return reject('conflict', 'The order has expired');
      return order.expiresAt.getTime() - now.getTime() < seconds * 1000
        ? reject('conflict', `Less than ${seconds} seconds are left, too few to begin a payment`)
        : undefined;
    case 'complete':
      return reject('conflict', 'The order is already paid');
    case 'cancelled':
    case 'refunded':
      return reject(
        'conflict',
        `The order is cancelled${order.reason === undefined ? '' : `: ${order.reason}`}`,
      );
  }
};

const FREE = reject('conflict', 'The order is free: there is nothing to pay');

/**
 * How long a payment may begin unheard of, in milliseconds: most have ended by then, and only their end is told. An order
 * that ends soon hears of it at once, as it gives a payment in progress its grace.
 */
export const untold = ({ expiresAt }: Order, now: Date): number =>
  expiresAt.getTime() - now.getTime() < 60_000 ? 0 : 300;

/** Whether an order is over for a payment that was begun in time: `orders` waits a grace beyond the end for that, once. */
export const over = (order: Order, now: Date, graceSeconds: number): Rejection | undefined =>
  payable(order.userId, order, new Date(now.getTime() - (order.extended ? 0 : graceSeconds * 1000)));

export const attach =
  (intentId: string) =>
  (payment: Payment): Changes<Payment> | Rejection =>
    payment.status !== 'started' ? OVER : payment.intentId === intentId ? {} : { intentId };

const OVER = reject('conflict', 'Another attempt took the place of this payment');

/** For how long the create of an intent may be repeated, in milliseconds: Stripe keeps its keys for 24 hours at least. */
const KEY_KEPT_MS = 20 * 3600_000;

export const keyIsKept = ({ createdAt }: Payment, now: Date): boolean =>
  now.getTime() - createdAt.getTime() < KEY_KEPT_MS;

/** What an intent's state means for its payment, with its id. Only what can never be charged any more is `failed`. */
export const learn =
  (intent: Intent, now: Date, decline = intent.decline) =>
  (payment: Payment): Changes<Payment> => {
    const changes = meaning(intent, now, decline, payment);
    const known = Object.keys(changes).length === 0 || payment.intentId !== undefined;
    return known ? changes : { ...changes, intentId: intent.id };
  };

const meaning = (
  intent: Intent,
  now: Date,
  decline: Intent['decline'],
  payment: Payment,
): Changes<Payment> => {
  if (payment.status !== 'started') return {};
  switch (intent.status) {
    case 'succeeded':
      return { status: 'succeeded', ...untried(payment) };
    case 'canceled':
      return decline
        ? declined(payment, decline, now)
        : { status: 'failed', reason: 'The payment was given up', ...untried(payment) };
    case 'requires_action':
      return payment.challenged ? {} : { challenged: true };
    case 'requires_payment_method':
      return decline && !payment.challenged ? declined(payment, decline, now) : {};
    case 'requires_confirmation':
    case 'processing':
      return {};
  }
};

const declined = (
  { tried }: Payment,
  { message, card }: NonNullable<Intent['decline']>,
  now: Date,
): Changes<Payment> => ({
  status: 'failed',
  reason: message,
  ...(tried && { tried: { ...tried, declinedAt: now, ...(card !== undefined && { card }) } }),
});

const untried = ({ tried }: Payment): Changes<Payment> => (tried ? { tried: undefined } : {});

/** Too many cards were declined for its order, which ends when it hears of it. */
export const takeNoMore = ({ status, lastTry }: Payment): Changes<Payment> =>
  status === 'failed' && !lastTry ? { lastTry: true } : {};

/** Stripe refuses a payment that had come as far as `intentId`; the same request, sent twice, may have come further. */
export const refuse =
  (reason: string, intentId?: string) =>
  (payment: Payment): Changes<Payment> =>
    payment.status === 'started' && payment.intentId === intentId
      ? { status: 'failed', reason, ...untried(payment) }
      : {};

/** How far to go with a payment whose outcome is open. */
export type Pressure =
  /** Only look: its buyer may be busy with it. */
  | 'look'
  /** Its request is gone: end what nobody will go on with, leave the buyer's authentication its time. */
  | 'recover'
  /** Its order is over, or another attempt takes its place: end it. */
  | 'end';

/** Whether an intent in this state should be cancelled now. */
export const mustEnd = (
  { status, decline }: Intent,
  { challenged }: Payment,
  pressure: Pressure,
): boolean => {
  switch (status) {
    case 'succeeded':
    case 'canceled':
      return false;
    case 'processing':
      return pressure === 'end';
    case 'requires_action':
      return pressure === 'end';
    case 'requires_confirmation':
      return pressure !== 'look';
    case 'requires_payment_method':
      // After a challenge the buyer's browser could still confirm it with another card.
      return decline ? challenged === true || pressure !== 'look' : pressure !== 'look';
  }
};
