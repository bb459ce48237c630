import Stripe from 'stripe';
import {
  type Dispute,
  GatewayUnavailable,
  idempotencyKey,
  type Gateway,
  type Intent,
  type IntentStatus,
  type KeyedStep,
  type News,
  type Refund,
  type Refused,
} from './gateway.ts';
import { whyDeclined } from './domain/declines.ts';
import { type StripeAccount, stripeClient } from './stripe-client.ts';
import { readEvent, readMovement, readWebhook, TYPES } from './webhook.ts';
import { type GatewayEvent, resilience, type ResilienceSettings } from './resilience.ts';

export interface StripeSettings extends ResilienceSettings, StripeAccount {
  webhookSecret: string;
}

const {
  StripeError,
  StripeAuthenticationError,
  StripeCardError,
  StripeConnectionError,
  StripeIdempotencyError,
  StripeInvalidRequestError,
  StripePermissionError,
  StripeSignatureVerificationError,
} = Stripe.errors;

/** An error of its own that Stripe keeps under a key and says again for a day: nothing about how it is now. */
const isKept = (error: unknown) =>
  error instanceof StripeError &&
  (error.statusCode ?? 0) >= 500 &&
  error.headers?.['idempotent-replayed'] === 'true';

/** No answer, or one that says nothing about the request: out, slow, too busy, at work on the same key, or locked to us. */
const isOutage = (error: unknown): error is InstanceType<typeof StripeError> =>
  error instanceof StripeConnectionError ||
  error instanceof StripeAuthenticationError ||
  error instanceof StripePermissionError ||
  (error instanceof StripeError &&
    !isKept(error) &&
    (error.statusCode === 409 ||
      error.statusCode === 429 ||
      (error.statusCode ?? 0) >= 500 ||
      error.type === 'StripeAPIError'));

/** At work on the same key, or a key of the account that may not do this: Stripe itself is well. */
const isLocked = (error: unknown) =>
  error instanceof StripeError && (error.statusCode === 409 || error instanceof StripePermissionError);

/** Stripe asks not to tell the buyer these reasons. */
const UNTOLD = new Set([
  'fraudulent',
  'lost_card',
  'merchant_blacklist',
  'pickup_card',
  'restricted_card',
  'security_violation',
  'stolen_card',
]);

const toDecline = ({ code, decline_code, payment_method: method }: Stripe.PaymentIntent.LastPaymentError) => {
  const reason = decline_code ?? code ?? 'card_declined';
  const told = UNTOLD.has(reason) ? 'generic_decline' : reason;
  return {
    code: told,
    message: whyDeclined(told),
    ...(method?.card?.fingerprint && { card: method.card.fingerprint }),
  };
};

/** Of a webhook's signature, in seconds: Stripe's own. */
const TOLERANCE = 300;

const STATUSES: readonly string[] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'succeeded',
  'canceled',
] satisfies IntentStatus[];
const isStatus = (status: string): status is IntentStatus => STATUSES.includes(status);

const toIntent = (intent: Stripe.PaymentIntent): Intent => {
  const { last_payment_error: error } = intent;
  // One that we never ask for has an open outcome, too.
  const status = isStatus(intent.status) ? intent.status : 'processing';
  return {
    id: intent.id,
    paymentId: intent.metadata['paymentId'] ?? '',
    status,
    amount: intent.amount,
    clientSecret: intent.client_secret ?? '',
    ...(error && status === 'requires_payment_method' ? { decline: toDecline(error) } : {}),
  };
};

const REFUNDS = new Map<string | null, Refund['status']>([
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
]);

/** An inquiry that was closed, and what was prevented, took nothing. */
const DISPUTES = new Map<string, Dispute['status']>([
  ['won', 'won'],
  ['warning_closed', 'won'],
  ['prevented', 'won'],
  ['lost', 'lost'],
]);

/** Balance transactions that tell of money that went back, or did not. */
const MOVEMENTS = ['refund', 'payment_refund', 'refund_failure', 'payment_failure_refund', 'adjustment'];

/** A part that somebody gave back by hand carries no id of ours; our first refunds did not count their attempts. */
const toRefund = (made: Stripe.Refund, paymentId: string): Refund => ({
  id: made.id,
  amount: made.amount,
  status: REFUNDS.get(made.status) ?? 'pending',
  ...(made.metadata?.['paymentId'] === paymentId && { attempt: Number(made.metadata['attempt'] ?? 1) }),
  ...(made.failure_reason !== undefined && { why: made.failure_reason }),
});

const refused = (error: unknown, code: string) =>
  error instanceof StripeInvalidRequestError && error.code === code ? error : undefined;

const asRefused = ({ param, code, message }: InstanceType<typeof StripeInvalidRequestError>): Refused => ({
  refused: message,
  ...(/payment.?method/i.test(`${param} ${code} ${message}`) && { field: 'paymentMethod' }),
});

type List<T> = (page: { limit: number; starting_after?: string }) => Promise<{
  data: T[];
  has_more: boolean;
}>;
/** Every page of a list, each in a call of its own. */
async function* pages<T extends { id: string }>(list: List<T>) {
  for (let last: T | undefined, more = true; more;) {
    const { data, has_more } = await list({ limit: 100, ...(last && { starting_after: last.id }) });
    yield data;
    last = data.at(-1);
    more = has_more && last !== undefined;
  }
}
const all = async <T extends { id: string }>(list: List<T>): Promise<T[]> => {
  const rows: T[] = [];
  for await (const page of pages(list)) rows.push(...page);
  return rows;
};

/** Around the making of a payment, in seconds: how far two clocks may be apart, and for how long its create is repeated. */
const BEFORE = 3600;
const AFTER = 25 * 3600;

/** The gateway over Stripe's API at the SDK's pinned version, or a stand-in for it at `url`. */
export const stripeGateway = (settings: StripeSettings): Gateway => {
  const stripe = stripeClient(settings);
  const { signature: signatures } = stripe.webhooks;
  if (!signatures) throw new Error('The SDK of Stripe verifies no signatures');
  const { run, state } = resilience(settings, { isOutage, isLocked });
  /** Where a kept error stands in the way the next key asks anew; every process comes to the same one. */
  const keyed = async <T>(
    id: string,
    step: KeyedStep,
    call: (options: Stripe.RequestOptions) => Promise<T>,
  ) => {
    for (let nth = 1; ; nth++) {
      let tries = 0;
      const options = { idempotencyKey: idempotencyKey(id, step, nth) };
      try {
        return await run(step.replace(/:.*/, ''), () => {
          tries += 1;
          return call(options);
        });
      } catch (error) {
        if (!isKept(error)) throw error;
        if (tries > 1)
          throw new GatewayUnavailable(`Payment provider unavailable: ${step}: out`, { cause: error });
      }
    }
  };
  /** A look that is refused says nothing about the money. */
  const look = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await run(operation, call);
    } catch (error) {
      if (error instanceof StripeError)
        throw new GatewayUnavailable(`Payment provider unavailable: ${operation}: refused`, { cause: error });
      throw error;
    }
  };
  const retrieve = async (id: string) =>
    toIntent(await look('retrieve', () => stripe.paymentIntents.retrieve(id)));

  return {
    async create({ id, orderId, amount, currency }) {
      const intent = {
        amount,
        currency,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' as const },
        metadata: { paymentId: id, orderId },
      };
      try {
        return toIntent(
          await keyed(id, 'create', (options) => stripe.paymentIntents.create(intent, options)),
        );
      } catch (error) {
        if (error instanceof StripeIdempotencyError) return 'key-used';
        if (error instanceof StripeError) return { refused: error.message };
        throw error;
      }
    },

    // Lists tell what was just made, which Stripe's search may not yet.
    async find({ id, createdAt }) {
      const seconds = Math.floor(createdAt.getTime() / 1000);
      const created = { gte: seconds - BEFORE, lte: seconds + AFTER };
      const list: List<Stripe.PaymentIntent> = (page) =>
        look('find', () => stripe.paymentIntents.list({ ...page, created }));
      for await (const page of pages(list)) {
        const found = page.find(({ metadata }) => metadata['paymentId'] === id);
        if (found) return toIntent(found);
      }
      return undefined;
    },

    async confirm(intentId, { id, paymentMethod }) {
      try {
        return toIntent(
          await keyed(id, 'confirm', (options) =>
            stripe.paymentIntents.confirm(intentId, { payment_method: paymentMethod }, options),
          ),
        );
      } catch (error) {
        if (error instanceof StripeCardError && error.payment_intent) return toIntent(error.payment_intent);
        const past =
          error instanceof StripeIdempotencyError || refused(error, 'payment_intent_unexpected_state');
        if (past) return retrieve(intentId);
        if (error instanceof StripeInvalidRequestError) return asRefused(error);
        throw error;
      }
    },

    retrieve,

    // Without a key of ours: a repeated cancel meets a canceled intent, and a kept refusal must not be replayed.
    async cancel(intentId) {
      try {
        return toIntent(await run('cancel', () => stripe.paymentIntents.cancel(intentId)));
      } catch (error) {
        if (refused(error, 'payment_intent_unexpected_state')) return retrieve(intentId);
        throw error;
      }
    },

    async refunds(intentId, { id }) {
      try {
        const made = await all((page) =>
          run('refunds', () => stripe.refunds.list({ ...page, payment_intent: intentId })),
        );
        return made.map((one) => toRefund(one, id));
      } catch (error) {
        if (error instanceof StripeError) return { refused: error.message };
        throw error;
      }
    },

    async refund(intentId, { id, attempt, amount }) {
      const wanted = { payment_intent: intentId, amount, metadata: { paymentId: id, attempt } };
      try {
        const make = (options: Stripe.RequestOptions) => stripe.refunds.create(wanted, options);
        return toRefund(await keyed(id, `refund:${attempt}`, make), id);
      } catch (error) {
        if (error instanceof StripeError) return { refused: error.message };
        throw error;
      }
    },

    async disputes(intentId) {
      const made = await all((page) =>
        look('disputes', () => stripe.disputes.list({ ...page, payment_intent: intentId })),
      );
      return made.map(({ id, amount, status }) => ({ id, amount, status: DISPUTES.get(status) ?? 'open' }));
    },

    async since(moment, by) {
      const created = { gte: Math.floor(moment.getTime() / 1000) };
      if (by === 'events') {
        const events = await all((page) =>
          look('events', () => stripe.events.list({ ...page, created, types: TYPES })),
        );
        return events.flatMap(({ type, data }) => {
          const read = readEvent({ type, data: { object: { ...data.object } } });
          return 'news' in read ? [read.news] : [];
        });
      }
      const news: News[] = [];
      for (const type of MOVEMENTS) {
        const moved = await all((page) =>
          look('balance', () =>
            stripe.balanceTransactions.list({ ...page, created, type, expand: ['data.source'] }),
          ),
        );
        news.push(...moved.flatMap(({ source }) => readMovement(source)));
      }
      return news;
    },

    verify(rawBody, signature) {
      try {
        signatures.verifyHeader(rawBody, signature, settings.webhookSecret, TOLERANCE);
      } catch (error) {
        if (error instanceof StripeSignatureVerificationError) return 'unsigned';
        throw error;
      }
      return readWebhook(rawBody);
    },

    get breaker() {
      return state();
    },
  };
};

/** The gateway as the configuration names it. */
export const openStripe = (
  {
    STRIPE_KEY,
    STRIPE_WEBHOOK_SECRET,
    STRIPE_URL,
  }: {
    STRIPE_KEY: string;
    STRIPE_WEBHOOK_SECRET: string;
    STRIPE_URL?: string | undefined;
  },
  onEvent?: (event: GatewayEvent) => void,
): Gateway =>
  stripeGateway({
    key: STRIPE_KEY,
    webhookSecret: STRIPE_WEBHOOK_SECRET,
    ...(onEvent && { onEvent }),
    ...(STRIPE_URL !== undefined && { url: STRIPE_URL }),
  });
