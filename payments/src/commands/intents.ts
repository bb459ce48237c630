import { change } from '@ticketing/common/record';
import { isRejection, type Rejection } from '@ticketing/common/rejection';
import * as rules from '../domain.ts';
import type { Payment, Pressure } from '../domain.ts';
import { GatewayUnavailable, type Intent, type Refused } from '../gateway.ts';
import type { RefundDeps, refunds } from './refunds.ts';
import type { cardTries } from './tries.ts';

export interface IntentDeps extends Pick<RefundDeps, 'Payments' | 'gateway' | 'clock' | 'log'> {
  tries: Pick<ReturnType<typeof cardTries>, 'count'>;
  returnIfOwed: ReturnType<typeof refunds>['returnIfOwed'];
}

/**
 * From when a payment is begun, in milliseconds: an intent that is made sooner is charged without another look at the order,
 * which seldom ends meanwhile (else the money goes back). One that is made later than the second is charged only when nobody
 * has called the payment failed.
 */
export const LOOK_AFTER_MS = 100;
export const ASK_AFTER_MS = 2000;
/** Whoever began it has an answer by then, or none. */
const GIVEN_UP_MS = 60_000;

/** How far a payment came at the provider, which is asked, and what that means for it, which is written down. */
export const intents = ({ Payments, gateway, clock, log, tries, returnIfOwed }: IntentDeps) => {
  /** Makes the intent, or finds the one that was made. */
  const begin = async ({ _id: id, ...payment }: Payment): Promise<Intent | Refused> => {
    const { orderId, amount, currency, createdAt } = payment;
    const made = await gateway.create({ id, orderId, amount, currency });
    if (made !== 'key-used') return made;
    const found = await gateway.find({ id, createdAt });
    if (found || isGivenUp(createdAt)) return found ?? NOTHING;
    throw new GatewayUnavailable('Payment provider unavailable: it knows the key, and no intent');
  };
  const isGivenUp = (begun: Date) => clock.now().getTime() - begun.getTime() > GIVEN_UP_MS;

  /**
   * A refusal is not kept by the provider: whoever began the payment may still be granted the same, and charge. After a
   * second refusal they would be later than `ASK_AFTER_MS`, so that one is final.
   */
  const beginAgain = async (payment: Payment): Promise<Intent | Refused> => {
    const made = await begin(payment);
    if (!('refused' in made) || isGivenUp(payment.createdAt)) return made;
    await clock.sleep(ASK_AFTER_MS + 500);
    return begin(payment);
  };

  /** The intent as it is now. A repeated create is answered as the first one was, whatever happened since. */
  const present = async (payment: Payment, intentId = payment.intentId): Promise<Intent | Refused> => {
    if (intentId !== undefined) return gateway.retrieve(intentId);
    if (rules.keyIsKept(payment, clock.now())) {
      const made = await beginAgain(payment);
      return 'refused' in made ? made : gateway.retrieve(made.id);
    }
    return (await gateway.find({ id: payment._id, createdAt: payment.createdAt })) ?? NOTHING;
  };

  /**
   * Writes what an intent tells of its payment, then looks at the order: a charge and a cancellation each write first
   * and look at the other afterwards, so that one of them sees both, and the money goes back.
   */
  const record = async (
    before: Payment,
    intent: Intent,
    decline = intent.decline,
  ): Promise<Payment | Rejection> => {
    const payment = await change(Payments, before, rules.learn(intent, clock.now(), decline));
    if (isRejection(payment)) return payment;
    if (decline && payment.status === 'failed' && before.status === 'started')
      return (await tries.count(payment)) ? change(Payments, payment, rules.takeNoMore) : payment;
    if (payment.status !== 'succeeded') return payment;
    return returnIfOwed(payment, `payment:${payment._id}:charged`);
  };

  /** Unless it is about the payment method, the buyer can do nothing about it, and is not told Stripe's words to us. */
  const refuse = ({ _id, intentId }: Payment, { refused, field }: Refused): Promise<Payment | Rejection> => {
    if (!field) log.error({ paymentId: _id, refused }, 'Stripe refuses a payment; somebody must look at it');
    return change(Payments, _id, rules.refuse(field ? refused : NOT_ACCEPTED, intentId));
  };

  /** Asks Stripe how a payment stands, ends it where it must end, and records the outcome. */
  const conclude = async (
    payment: Payment,
    pressure: Pressure,
    intentId = payment.intentId,
  ): Promise<Payment | Rejection> => {
    if (payment.status !== 'started') return payment;
    const intent = await present(payment, intentId);
    if ('refused' in intent) return refuse(payment, intent);
    const final = rules.mustEnd(intent, payment, pressure) ? await gateway.cancel(intent.id) : intent;
    return record(payment, final, intent.decline);
  };

  return { begin, present, record, refuse, conclude };
};

/** Whatever still comes of it is not charged, as a payment that failed refuses to be. */
const NOTHING: Refused = { refused: 'Nothing of it reached the payment provider' };
const NOT_ACCEPTED = 'The payment provider does not accept this payment';
