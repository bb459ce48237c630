import { isOpen } from './disputes.ts';
import type { Charge, Dispute, Intent, Refund } from './domain.ts';
import { refunded } from './refunds.ts';

const seconds = (ms: number) => Math.floor(ms / 1000);

/** With the card that was declined, as Stripe tells of it: its number has one fingerprint, whoever has it. */
const errorJson = ({ error, charges }: Intent) => {
  const { card, method, status } = charges.at(-1) ?? {};
  if (!error || !card || status !== 'failed') return error ?? null;
  const { brand, last4 } = card;
  const fingerprint = `${brand}${last4}`.padEnd(16, 'x');
  return {
    ...error,
    payment_method: {
      id: method,
      object: 'payment_method',
      type: 'card',
      card: { brand, last4, fingerprint },
    },
  };
};

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
  last_payment_error: intent.status === 'succeeded' ? null : errorJson(intent),
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
    disputed: Boolean(intent.disputes?.length),
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

export const disputeJson = (intent: Intent, dispute: Dispute) => ({
  id: dispute.id,
  object: 'dispute',
  amount: dispute.amount,
  charge: dispute.charge,
  created: seconds(dispute.created),
  currency: intent.currency,
  evidence_details: { has_evidence: !isOpen(dispute), past_due: false, submission_count: 0 },
  is_charge_refundable: dispute.status === 'warning_needs_response',
  livemode: false,
  metadata: {},
  payment_intent: intent._id,
  reason: dispute.reason,
  status: dispute.status,
});

export const warningJson = (intent: Intent) => ({
  id: intent._id.replace('pi_', 'issfr_'),
  object: 'radar.early_fraud_warning',
  actionable: refunded(intent) === 0 && !intent.disputes?.length,
  charge: intent.charges.at(-1)?.id ?? null,
  created: seconds(intent.warnedAt ?? 0),
  fraud_type: 'misc',
  livemode: false,
  payment_intent: intent._id,
});

/** What moved on the balance, newest last; `source` whole where it is asked for. */
export const movements = (intent: Intent) => {
  const row = (type: string, at: number, amount: number, source: { id: string }, of = '') => ({
    id: `txn_${source.id}${of}`,
    object: 'balance_transaction',
    amount,
    created: seconds(at),
    currency: intent.currency,
    reporting_category: type === 'adjustment' ? 'dispute' : type,
    source,
    type,
  });
  return [
    ...intent.charges
      .filter(({ status }) => status === 'succeeded')
      .map((charge) => row('charge', charge.created, charge.amount, chargeJson(intent, charge))),
    ...intent.refunds.flatMap((refund) => [
      row('refund', refund.created, -refund.amount, refundJson(intent, refund)),
      ...(refund.failedAt === undefined
        ? []
        : [row('refund_failure', refund.failedAt, refund.amount, refundJson(intent, refund), 'f')]),
    ]),
    ...(intent.disputes ?? [])
      .filter(({ status }) => !status.startsWith('warning_'))
      .flatMap((dispute) => [
        row('adjustment', dispute.created, -dispute.amount, disputeJson(intent, dispute)),
        ...(dispute.status === 'won'
          ? [row('adjustment', dispute.closed ?? 0, dispute.amount, disputeJson(intent, dispute), 'w')]
          : []),
      ]),
  ].sort((a, b) => a.created - b.created);
};

/** The object that an event of this type is about, as it is at this moment. */
export const subject = (type: string, intent: Intent) => {
  const charge = intent.charges.at(-1);
  const refund = intent.refunds.at(-1);
  const dispute = intent.disputes?.at(-1);
  if (type.startsWith('charge.dispute.') && dispute) return disputeJson(intent, dispute);
  if (type.startsWith('radar.')) return warningJson(intent);
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
