import { z } from 'zod';
import { defineMessage, Id, Instant, Version } from './message.ts';
import { Money } from './money.ts';

/** `started`: money may be on its way; `succeeded`: taken; `failed`: never taken; `refunded`: all of it stands as given back. */
export const PaymentStatus = z.enum(['started', 'succeeded', 'failed', 'refunded']);
export type PaymentStatus = z.infer<typeof PaymentStatus>;

/** Money on its way back to the buyer; one that `failed` waits for a person, who tries again or closes it with a note. */
export const RefundState = z.object({
  status: z.enum(['pending', 'succeeded', 'failed', 'closed']),
  amount: Money,
  /** What the person who closed it says to the buyer. */
  note: z.string().optional(),
  /** What persons closed, before more was to go back: it goes back no more. */
  closed: Money.optional(),
});
export type RefundState = z.infer<typeof RefundState>;

/** What the buyer's bank was asked to take back: `open` until it decides, `won` for the seller, `lost` for the buyer. */
export const DisputeState = z.object({ status: z.enum(['open', 'won', 'lost']), amount: Money });
export type DisputeState = z.infer<typeof DisputeState>;

/** How much of what was paid is back, and what becomes of the rest. */
export const MoneyBack = z.object({
  /** What stands as given back, in minor units. */
  refundedAmount: Money.optional(),
  /** Of that, what was given back at the payment provider, not by us. */
  refundedElsewhere: Money.optional(),
  /** What we give back, as it stands. */
  refund: RefundState.optional(),
  /** While it is open, nothing else is decided about the money; what is lost counts as given back. */
  dispute: DisputeState.optional(),
});
export type MoneyBack = z.infer<typeof MoneyBack>;

export const PaymentState = z.object({
  id: Id,
  version: Version,
  orderId: Id,
  userId: Id,
  amount: Money,
  currency: z.string(),
  status: PaymentStatus,
  /** Why it failed or was refunded, for the buyer. */
  reason: z.string().optional(),
  /** The buyer was sent to their bank to confirm it. */
  challenged: z.boolean().optional(),
  /** Too many cards were declined: its order takes no more, and ends. */
  lastTry: z.boolean().optional(),
  ...MoneyBack.shape,
  createdAt: Instant,
  updatedAt: Instant,
});

export const PaymentStarted = defineMessage('payment:started', PaymentState);
export const PaymentCreated = defineMessage('payment:created', PaymentState);
export const PaymentFailed = defineMessage('payment:failed', PaymentState);
export const PaymentRefunded = defineMessage('payment:refunded', PaymentState);
