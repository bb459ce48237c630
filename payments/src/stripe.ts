import Stripe from 'stripe';
import {
  GatewayUnavailable,
  idempotencyKey,
  type Gateway,
  type Intent,
  type IntentStatus,
  type KeyedStep,
  type Refund,
  type Refused,
} from './gateway.ts';
import { type GatewayEvent, resilience, type ResilienceSettings } from './resilience.ts';

export interface StripeSettings extends ResilienceSettings {
  key: string;
  webhookSecret: string;
  /** Origin of a stand-in for Stripe: the local sandbox or stripe-mock. */
  url?: string;
}

const {
  StripeError,
  StripeAuthenticationError,
  StripeCardError,
  StripeConnectionError,
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

const isLocked = (error: unknown) => error instanceof StripeError && error.statusCode === 409;

/** Stripe asks not to tell the buyer these reasons. */
const UNTOLD = new Set(['fraudulent', 'lost_card', 'stolen_card', 'merchant_blacklist']);

const toDecline = ({ code, decline_code, message }: Stripe.PaymentIntent.LastPaymentError) => {
  const reason = decline_code ?? code ?? 'card_declined';
  return {
    code: UNTOLD.has(reason) ? 'generic_decline' : reason,
    message: message ?? 'Your card was declined.',
  };
};

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
  const { status, last_payment_error: error } = intent;
  if (!isStatus(status)) throw new Error(`Intent ${intent.id} has a status that we never ask for: ${status}`);
  return {
    id: intent.id,
    paymentId: intent.metadata['paymentId'] ?? '',
    status,
    amount: intent.amount,
    clientSecret: intent.client_secret ?? '',
    ...(error && status === 'requires_payment_method' ? { decline: toDecline(error) } : {}),
  };
};

const toRefund = ({ id, status }: Stripe.Refund): Refund => ({
  id,
  status:
    status === 'succeeded'
      ? 'succeeded'
      : status === 'failed' || status === 'canceled'
        ? 'failed'
        : 'pending',
});

const refused = (error: unknown, code: string) =>
  error instanceof StripeInvalidRequestError && error.code === code ? error : undefined;

const asRefused = ({ param, code, message }: InstanceType<typeof StripeInvalidRequestError>): Refused => ({
  refused: message,
  ...(/payment.?method/i.test(`${param} ${code} ${message}`) && { field: 'paymentMethod' }),
});

/** The gateway over Stripe's API at the SDK's pinned version, or a stand-in for it at `url`. */
export const stripeGateway = (settings: StripeSettings): Gateway => {
  const origin = settings.url === undefined ? undefined : new URL(settings.url);
  const stripe = new Stripe(settings.key, {
    maxNetworkRetries: 0,
    // The SDK's node client repeats a reset connection even so; its fetch client does not.
    httpClient: Stripe.createFetchHttpClient(),
    timeout: settings.timeoutMs ?? 8000,
    telemetry: false,
    ...(origin && {
      host: origin.hostname,
      port: origin.port || (origin.protocol === 'http:' ? 80 : 443),
      protocol: origin.protocol === 'http:' ? ('http' as const) : ('https' as const),
    }),
  });
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
        return await run(step, () => {
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
  const retrieve = async (id: string) =>
    toIntent(await run('retrieve', () => stripe.paymentIntents.retrieve(id)));

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
        // Whatever it is, an intent whose id we never learnt is never charged.
        if (error instanceof StripeError) return { refused: error.message };
        throw error;
      }
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
        if (refused(error, 'payment_intent_unexpected_state')) return retrieve(intentId);
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

    async refund(intentId, { id }) {
      const made = async () => {
        const { data } = await run('refunds', () =>
          stripe.refunds.list({ payment_intent: intentId, limit: 100 }),
        );
        return data;
      };
      // A part that somebody gave back by hand is not ours; without an amount Stripe gives back the rest.
      const ours = (await made()).find(({ metadata }) => metadata?.['paymentId'] === id);
      if (ours) return toRefund(ours);
      const wanted = { payment_intent: intentId, metadata: { paymentId: id } };
      try {
        return toRefund(await keyed(id, 'refund', (options) => stripe.refunds.create(wanted, options)));
      } catch (error) {
        const meanwhile = refused(error, 'charge_already_refunded') && (await made())[0];
        if (!meanwhile) throw error;
        return toRefund(meanwhile);
      }
    },

    verify(rawBody, signature) {
      try {
        const { id, type, data } = stripe.webhooks.constructEvent(rawBody, signature, settings.webhookSecret);
        return { id, type, ...about(data.object as Subject) };
      } catch (error) {
        if (error instanceof StripeSignatureVerificationError) return undefined;
        throw error;
      }
    },

    get breaker() {
      return state();
    },
  };
};

interface Subject {
  id?: string;
  object: string;
  metadata?: Record<string, string> | null;
  payment_intent?: string | { id: string } | null;
}

const about = ({ id, object, metadata, payment_intent: of }: Subject) => {
  const intentId = object === 'payment_intent' ? id : typeof of === 'string' ? of : of?.id;
  const paymentId = metadata?.['paymentId'];
  return { ...(intentId ? { intentId } : {}), ...(paymentId ? { paymentId } : {}) };
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
