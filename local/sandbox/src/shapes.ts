import type { Charge, Intent, Refund } from './domain.ts';
import { refunded } from './refunds.ts';

const seconds = (ms: number) => Math.floor(ms / 1000);

/** Stripe's JSON of an intent: the fields that this suite or a curious reader may ask for. */
export const intentJson = (intent: Intent) => ({
  id: intent._id,
  object: 'payment_intent',
  amount: intent.amount,
  amount_received: intent.status === 'succeeded' ? intent.amount : 0,
  automatic_payment_methods: { allow_redirects: 'never', enabled: true },
  canceled_at: intent.canceledAt === undefined ? null : seconds(intent.canceledAt),
  capture_method: 'automatic_async',
  client_secret: intent.secret,
  confirmation_method: 'automatic',
  created: seconds(intent.created),
  currency: intent.currency,
  description: intent.description,
  last_payment_error: intent.status === 'succeeded' ? null : (intent.error ?? null),
  latest_charge: intent.charges.at(-1)?.id ?? null,
  livemode: false,
  metadata: intent.metadata,
  next_action:
    intent.status === 'requires_action'
      ? {
          type: 'use_stripe_sdk',
          use_stripe_sdk: { type: 'sandbox_challenge', path: '/sandbox/browser/authenticate' },
        }
      : null,
  payment_method: intent.method,
  payment_method_types: ['card'],
  status: intent.status,
});

export const chargeJson = (intent: Intent, charge: Charge) => {
  const back = charge.status === 'succeeded' ? refunded(intent) : 0;
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.status === 'succeeded' ? charge.amount : 0,
    amount_refunded: back,
    captured: charge.status === 'succeeded',
    created: seconds(charge.created),
    currency: intent.currency,
    failure_code: charge.error?.code ?? null,
    failure_message: charge.error?.message ?? null,
    livemode: false,
    metadata: intent.metadata,
    paid: charge.status === 'succeeded',
    payment_intent: intent._id,
    payment_method: charge.method,
    payment_method_details: { type: 'card', card: { brand: charge.card.brand, last4: charge.card.last4 } },
    refunded: back === charge.amount,
    status: charge.status,
  };
};

export const refundJson = (intent: Intent, refund: Refund) => ({
  id: refund.id,
  object: 'refund',
  amount: refund.amount,
  charge: refund.charge,
  created: seconds(refund.created),
  currency: intent.currency,
  ...(refund.status === 'failed' && { failure_reason: 'expired_or_canceled_card' }),
  metadata: refund.metadata,
  payment_intent: intent._id,
  reason: null,
  status: refund.status,
});

/** The object that an event of this type is about, as it is at this moment. */
export const subject = (type: string, intent: Intent) => {
  const charge = intent.charges.at(-1);
  const refund = intent.refunds.at(-1);
  if (type.startsWith('charge.') && charge) return chargeJson(intent, charge);
  if (type.startsWith('refund.') && refund) return refundJson(intent, refund);
  return intentJson(intent);
};

export const listJson = (url: string, data: unknown[], hasMore: boolean) => ({
  object: 'list',
  url,
  has_more: hasMore,
  data,
});
