import { z } from 'zod';
import { defineEvent, Id, Instant, Version } from './event.ts';
import { Money } from './money.ts';

/** `started`: money may be on its way; `succeeded`: taken; `failed`: never taken; `refunded`: given back. */
export const PaymentStatus = z.enum(['started', 'succeeded', 'failed', 'refunded']);
export type PaymentStatus = z.infer<typeof PaymentStatus>;

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
  createdAt: Instant,
  updatedAt: Instant,
});

export const PaymentStarted = defineEvent('payment:started', PaymentState);
export const PaymentCreated = defineEvent('payment:created', PaymentState);
export const PaymentFailed = defineEvent('payment:failed', PaymentState);
export const PaymentRefunded = defineEvent('payment:refunded', PaymentState);
