import { z } from 'zod';
import { Id } from '@ticketing/common/contracts/message';
import type { Delivery, News } from './gateway.ts';

const Type = z.string().regex(/^[\w.]{1,100}$/);
/** Only says that something happened, of the second version of Stripe's API, of which we use nothing. */
const Thin = z.object({ object: z.literal('v2.core.event'), type: Type });
const Event = z.object({
  object: z.literal('event'),
  type: Type,
  data: z.object({ object: z.record(z.string(), z.unknown()) }),
});

const ofIntent = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);
const Intent = z
  .object({ id: z.string(), metadata: z.object({ paymentId: Id }) })
  .transform(({ id, metadata }) => ({ intentId: id, paymentId: metadata.paymentId }));
const OfIntent = z.object({ payment_intent: ofIntent }).transform((it) => ({ intentId: it.payment_intent }));

const SUBJECT = { payment: Intent, refund: OfIntent, dispute: OfIntent, warning: OfIntent } as const;
const ABOUT = new Map<string, News['about']>([
  ['payment_intent.succeeded', 'payment'],
  ['payment_intent.payment_failed', 'payment'],
  ['payment_intent.canceled', 'payment'],
  ['payment_intent.processing', 'payment'],
  ['payment_intent.requires_action', 'payment'],
  ['charge.refunded', 'refund'],
  ['charge.refund.updated', 'refund'],
  ['refund.created', 'refund'],
  ['refund.updated', 'refund'],
  ['refund.failed', 'refund'],
  ['charge.dispute.created', 'dispute'],
  ['charge.dispute.updated', 'dispute'],
  ['charge.dispute.closed', 'dispute'],
  ['charge.dispute.funds_withdrawn', 'dispute'],
  ['charge.dispute.funds_reinstated', 'dispute'],
  ['radar.early_fraud_warning.created', 'warning'],
]);

/** The types of events that are asked for; those of payments are found by asking for each. */
export const TYPES: string[] = [...ABOUT].flatMap(([type, about]) => (about === 'payment' ? [] : [type]));

/** What a signature can stand over is anything: what is no event, and what is not about us, is told apart here. */
export const readWebhook = (rawBody: Buffer): Exclude<Delivery, 'unsigned'> => {
  const body = json(rawBody.toString());
  const thin = Thin.safeParse(body);
  if (thin.success) return { foreign: thin.data.type };
  const event = Event.safeParse(body);
  return event.success ? readEvent(event.data) : 'malformed';
};

/** What an event means to us, however it came. */
export const readEvent = ({ type, data }: Pick<z.output<typeof Event>, 'type' | 'data'>) => {
  const about = ABOUT.get(type);
  const subject = about && SUBJECT[about].safeParse(data.object);
  return about && subject?.success ? { news: { about, ...subject.data } } : { foreign: type };
};

/** Of the balance: whose refund or dispute moved it. */
export const readMovement = (source: unknown): News[] => {
  const subject = OfIntent.safeParse(source);
  const disputed = z.object({ object: z.literal('dispute') }).safeParse(source).success;
  return subject.success ? [{ about: disputed ? 'dispute' : 'refund', ...subject.data }] : [];
};

const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
