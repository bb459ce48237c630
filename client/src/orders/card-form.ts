import type { Problem } from '../api/answer.ts';
import type { Order } from '../api/types.ts';

/** Where cards are entered: Stripe's Payment Element, or the sandbox's form. */
export interface CardForm {
  order: Order;
  /** No further attempt can be made. */
  closed: boolean;
  /** Another attempt begins: what is still said of the last one goes. */
  begin(): void;
  /** Pays with a payment method. Resolves with the secret of a challenge when the buyer's bank wants one. */
  pay(paymentMethod: string): Promise<Outcome>;
  /** The challenge was passed, or why not, in a sentence. */
  challenged(refusal?: string): void;
}
export type Outcome = { ok: true; clientSecret?: string } | Problem;
