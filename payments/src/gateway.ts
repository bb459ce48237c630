import { Unavailable } from '@ticketing/common/rejection';

/** The states of a Stripe PaymentIntent that we can meet. */
export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'succeeded'
  | 'canceled';

export interface Intent {
  id: string;
  /** Our payment's id, from the intent's metadata. */
  paymentId: string;
  status: IntentStatus;
  /** Minor units. */
  amount: number;
  /** Lets the buyer's browser finish an authentication. */
  clientSecret: string;
  /** Why the last attempt was declined, in words for the buyer; `card` is the same for the same number, and tells nothing of it. */
  decline?: { code: string; message: string; card?: string };
}

/** What Stripe will not do, in its words: no outage. About the payment method, it is the buyer's mistake. */
export interface Refused {
  refused: string;
  field?: 'paymentMethod';
}

export interface Refund {
  id: string;
  /** Minor units. */
  amount: number;
  status: 'succeeded' | 'pending' | 'failed';
  /** Which attempt of ours made it; none when somebody made it at the provider. */
  attempt?: number;
  /** Why it failed, in the provider's word. */
  why?: string;
}

export interface Dispute {
  id: string;
  /** Minor units. */
  amount: number;
  status: 'open' | 'won' | 'lost';
}

/** What a webhook is about: what became of it is asked of Stripe, as webhooks come in any order, or not at all. */
export interface News {
  about: 'payment' | 'refund' | 'dispute' | 'warning';
  intentId: string;
  /** Our payment's id, where the object carries it. */
  paymentId?: string;
}

/** A delivery: news of ours; an event that is not for us, by its type; no event at all; or not signed by Stripe. */
export type Delivery = { news: News } | { foreign: string } | 'malformed' | 'unsigned';

/**
 * The payment provider as `payments` sees it. Every call is idempotent by the payment's id
 * and throws `GatewayUnavailable` when the provider is out, slow or shedding load; the outcome is then unknown.
 */
export interface Gateway {
  /**
   * Creates the intent, unconfirmed. Amount in minor units. A repeat within a day resolves with the first answer, not with
   * the intent as it is now, or with `key-used` when that request was another one.
   */
  create(payment: {
    id: string;
    orderId: string;
    amount: number;
    currency: string;
  }): Promise<Intent | Refused | 'key-used'>;
  /** The intent of a payment, as it is now, by what it carries; undefined when there surely is none. Slow. */
  find(payment: { id: string; createdAt: Date }): Promise<Intent | undefined>;
  /** Charges. A declined card is an intent with `decline`, not an error. */
  confirm(intentId: string, payment: { id: string; paymentMethod: string }): Promise<Intent | Refused>;
  retrieve(intentId: string): Promise<Intent>;
  /** Cancels, or returns the intent as it is when it is past cancelling (succeeded, or canceled before). */
  cancel(intentId: string): Promise<Intent>;
  /** Everything that was given back or tried, whoever did it. */
  refunds(intentId: string, payment: { id: string }): Promise<Refund[] | Refused>;
  /** Gives an amount back in minor units, once for each attempt. */
  refund(
    intentId: string,
    refund: { id: string; attempt: number; amount: number },
  ): Promise<Refund | Refused>;
  /** Everything that the buyer's bank was asked to take back. */
  disputes(intentId: string): Promise<Dispute[]>;
  /** What happened since: not in order, nor further back than `EVENTS_KEPT_MS`; beyond that only what moved the balance. */
  since(moment: Date, by: 'events' | 'balance'): Promise<News[]>;
  /** Reads a webhook whose signature over the raw body is Stripe's. */
  verify(rawBody: Buffer, signature: string): Delivery;
  /** `closed` works, `open` refuses without trying, `half-open` tries one. */
  readonly breaker: 'closed' | 'open' | 'half-open';
}

/** The provider keeps its events for 30 days; a day less is safe. */
export const EVENTS_KEPT_MS = 29 * 24 * 3600_000;

/** Thrown, and answered with 503: the hold stays, the buyer may try again. */
export class GatewayUnavailable extends Unavailable {
  override name = 'GatewayUnavailable';
}

export type KeyedStep = 'create' | 'confirm' | `refund:${number}`;

/** Under one key the provider acts once, whoever repeats the request, and whenever. */
export const idempotencyKey = (paymentId: string, step: KeyedStep, nth = 1): string =>
  [`payment:${paymentId}:${step}`, ...(nth > 1 ? [nth] : [])].join(':');
