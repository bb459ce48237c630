import { createHash } from 'node:crypto';
import { z } from 'zod';
import { reject, type Rejection } from './rejection.ts';

/** The header under which a client repeats a request safely (draft-ietf-httpapi-idempotency-key-header). */
export const IdempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .meta({ description: 'Made by the client for this request; the same key and body give the same answer' }),
});

/** What a request asks for, to tell a repeat from another request under the same key. */
export const fingerprint = (request: object): string =>
  createHash('sha256').update(JSON.stringify(request)).digest('base64url');

export const KEY_REUSED = reject('conflict', 'The idempotency key was used for another request', {
  errors: [{ field: 'idempotency-key', message: 'was used with another body' }],
});

/** What an earlier request under the same key made, if it asked for the same; else `KEY_REUSED`. */
export const ifSame = <T extends { requestHash?: string }>(earlier: T, requestHash: string): T | Rejection =>
  earlier.requestHash === requestHash ? earlier : KEY_REUSED;
