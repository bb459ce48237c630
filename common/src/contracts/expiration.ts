import { z } from 'zod';
import { defineMessage, Id, Instant } from './message.ts';

export const Expiration = z.object({
  orderId: Id,
  /** The moment that was waited for; the order may have been extended since. */
  expiresAt: Instant,
});

export const ExpirationComplete = defineMessage(
  'expiration:complete',
  Expiration,
  ({ orderId, expiresAt }) => [orderId, expiresAt.toISOString()],
);
