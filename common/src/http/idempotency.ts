import { z } from 'zod';

/** The header under which a client repeats a request safely (draft-ietf-httpapi-idempotency-key-header). */
export const IdempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .meta({ description: 'Made by the client for this request; the same key and body give the same answer' }),
});
