import { z } from 'zod';
import { defineEvent, Id, Instant } from './event.ts';

export const Expiration = z.object({
  orderId: Id,
  /** The moment that was waited for; the order may have been extended since. */
  expiresAt: Instant,
});

export const ExpirationComplete = defineEvent('expiration:complete', Expiration, ({ orderId, expiresAt }) => [
  orderId,
  expiresAt.toISOString(),
]);
