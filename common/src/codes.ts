import { createHmac } from 'node:crypto';
import { z } from 'zod';

/**
 * A code for hidden tiers and discounts, as people type it: letters of A to Z, which nobody takes for those of another script,
 * digits and dashes, small or large.
 */
export const Code = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{2,38}[A-Za-z0-9])$/, 'must be 4 to 40 of A to Z, 0 to 9 and dashes')
  .transform((code) => code.toUpperCase());

/** `CODE_KEY`: what makes keyed hashes of codes, for who makes codes and who takes them. */
export const CodeKey = z
  .string()
  .min(32, 'must be of at least 32 characters')
  .describe("the secret under which organizers' codes are kept; the same for `events` and `orders`");

/** What is kept and told of a code, instead of it: a keyed hash (HMAC, RFC 2104), as short codes are soon guessed from a bare one. */
export const codeHash = (key: string, eventId: string, code: string): string =>
  createHmac('sha256', key).update(`${eventId} ${code}`).digest('base64url');
