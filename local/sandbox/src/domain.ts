import type { Card } from './cards.ts';
import { declined } from './cards.ts';
import { type ApiError, type ErrorBody, invalidRequest } from './errors.ts';

export type Status = 'requires_payment_method' | 'requires_action' | 'succeeded' | 'canceled';

export interface Charge {
  id: string;
  created: number;
  amount: number;
  status: 'succeeded' | 'failed';
  card: Card;
  method: string;
  error?: ErrorBody;
}

export interface Refund {
  id: string;
  charge: string;
  created: number;
  amount: number;
  status: 'succeeded' | 'pending' | 'failed';
  metadata: Record<string, string>;
  /** The idempotency key that made it. */
  key: string;
  /** Milliseconds since the epoch: when `settlesAs` becomes the status. */
  settlesAt?: number;
  settlesAs?: 'succeeded' | 'failed';
  failedAt?: number;
}

export interface Dispute {
  id: string;
  charge: string;
  created: number;
  amount: number;
  reason: string;
  status: 'warning_needs_response' | 'warning_closed' | 'needs_response' | 'won' | 'lost';
  closed?: number;
}

/** One intent with everything that happened to it: one document, so each step is one write. */
export interface Intent {
  _id: string;
  version: number;
  /** Milliseconds since the epoch, as all times here. */
  created: number;
  amount: number;
  currency: string;
  status: Status;
  secret: string;
  metadata: Record<string, string>;
  description: string | null;
  /** The card of the attempt in progress or done. */
  method: string | null;
  card?: Card;
  error?: ErrorBody;
  /** The idempotency key of the last confirm, so that one cut short by a crash is not done again. */
  confirmedBy?: string;
  canceledAt?: number;
  charges: Charge[];
  refunds: Refund[];
  disputes?: Dispute[];
  /** When the bank warned of fraud. */
  warnedAt?: number;
}

/** What a command changes and which events it causes; `error` is the answer when the change is a failure. */
export interface Decision {
  change: Partial<Intent>;
  events: readonly string[];
  error?: ApiError;
}

export const NOTHING: Decision = { change: {}, events: [] };

const unexpected = (verb: string, { status }: Intent): ApiError =>
  invalidRequest(400, `You cannot ${verb} this PaymentIntent because it has a status of ${status}.`, {
    code: 'payment_intent_unexpected_state',
  });

const charge = (intent: Intent, card: Card, method: string, chargeId: string, now: number): Decision => {
  const error = card.decline && declined(card.decline);
  const attempt: Charge = {
    id: chargeId,
    created: now,
    amount: intent.amount,
    status: error ? 'failed' : 'succeeded',
    card,
    method,
    ...(error ? { error: error.error } : {}),
  };
  const charges = [...intent.charges, attempt];
  if (error)
    return {
      change: { status: 'requires_payment_method', method: null, charges, error: error.error },
      events: ['payment_intent.payment_failed', 'charge.failed'],
      error,
    };
  const disputed = card.dispute && disputing(card.dispute, attempt);
  return {
    change: {
      status: 'succeeded',
      method,
      card,
      charges,
      ...(disputed && { disputes: [disputed.dispute] }),
      ...(card.warning && { warnedAt: now }),
    },
    events: [
      'payment_intent.succeeded',
      'charge.succeeded',
      ...(disputed?.events ?? []),
      ...(card.warning ? ['radar.early_fraud_warning.created'] : []),
    ],
  };
};

/** What the bank does when the card's owner complains; an inquiry moves no money. */
const disputing = (
  kind: NonNullable<Card['dispute']>,
  { id, created, amount }: Charge,
): { dispute: Dispute; events: string[] } => {
  const inquiry = kind === 'inquiry';
  return {
    dispute: {
      id: id.replace('ch_', 'dp_'),
      charge: id,
      created,
      amount,
      reason: inquiry ? 'fraudulent' : kind,
      status: inquiry ? 'warning_needs_response' : 'needs_response',
    },
    events: ['charge.dispute.created', ...(inquiry ? [] : ['charge.dispute.funds_withdrawn'])],
  };
};

export interface Confirmation {
  key: string;
  method: string;
  card: Card;
  chargeId: string;
  now: number;
}

/** Charges once: every status past the first success refuses, and the write is guarded by the version. */
export const confirm =
  ({ key, method, card, chargeId, now }: Confirmation) =>
  (intent: Intent): Decision | ApiError => {
    if (intent.confirmedBy === key)
      return intent.status === 'requires_payment_method' && intent.error
        ? { ...NOTHING, error: { refused: 402, error: intent.error } }
        : NOTHING;
    if (intent.status === 'succeeded' || intent.status === 'canceled') return unexpected('confirm', intent);
    if (card.challenge)
      return {
        change: { status: 'requires_action', method, card, confirmedBy: key },
        events: ['payment_intent.requires_action'],
      };
    const decision = charge(intent, card, method, chargeId, now);
    return { ...decision, change: { ...decision.change, confirmedBy: key } };
  };

/** The browser's part of a challenge: passed, the card is charged; failed, another card is needed. */
export const authenticate =
  (outcome: 'complete' | 'fail', chargeId: string, now: number) =>
  (intent: Intent): Decision | ApiError => {
    if (intent.status !== 'requires_action' || !intent.card || !intent.method)
      return unexpected('authenticate', intent);
    if (outcome === 'complete') return charge(intent, intent.card, intent.method, chargeId, now);
    const { error } = invalidRequest(
      402,
      'The provided PaymentMethod has failed authentication. Provide another PaymentMethod to attempt this payment again.',
      { code: 'payment_intent_authentication_failure' },
    );
    return {
      change: { status: 'requires_payment_method', method: null, error },
      events: ['payment_intent.payment_failed'],
    };
  };

export const cancel =
  (now: number) =>
  (intent: Intent): Decision | ApiError =>
    intent.status === 'succeeded' || intent.status === 'canceled'
      ? unexpected('cancel', intent)
      : { change: { status: 'canceled', canceledAt: now }, events: ['payment_intent.canceled'] };
