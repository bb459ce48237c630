import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** The private key that signs access tokens, and the name by which the public ones are found. */
export interface SigningKey {
  kid: string;
  key: KeyObject;
}

/** The secret that signed tokens before there were key pairs. */
export interface FormerKey {
  key: KeyObject;
  /** Until then it signs, so that processes of both releases understand each other; afterwards never. */
  before: Date;
}

/** What tokens are verified with: public keys by their names, and for the time of an upgrade the secret of before. */
export interface TokenKeys {
  keys: ReadonlyMap<string, KeyObject>;
  former?: FormerKey | undefined;
}

const Coordinate = z.string().regex(/^[\w-]{43}$/);
/** Of P-256 alone, which ES256 means (RFC 7518, 3.4). */
const Public = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  kid: z.string().regex(/^[\w-]{1,64}$/),
  alg: z.literal('ES256').optional(),
  use: z.literal('sig').optional(),
  x: Coordinate,
  y: Coordinate,
});
const Private = Public.extend({ d: Coordinate });

const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * A JWKS (RFC 7517) in an environment variable, as pairs of kid and key in its order; what is wrong is told without repeating any of it.
 * `what` completes *must be a JWKS of keys on the curve …*.
 */
export const jwks = <J extends z.ZodType<{ kid: string }>, T>(
  what: string,
  jwk: J,
  open: (jwk: z.output<J>) => T,
) =>
  z.string().transform((text, { addIssue }) => {
    const refuse = (message: string) => {
      addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    const set = z.object({ keys: z.array(jwk).min(1) }).safeParse(json(text)).data;
    if (!set) return refuse(`must be a JWKS of keys on the curve ${what}`);
    if (new Set(set.keys.map(({ kid }) => kid)).size < set.keys.length)
      return refuse('must not name two keys by the same kid');
    try {
      return set.keys.map((key) => [key.kid, open(key)] as const);
    } catch {
      return refuse('must hold points of that curve; one is not');
    }
  });

/** `TOKEN_PUBLIC_KEYS`: every key in force. A private part in it is refused, as every process and the pages have it. */
export const PublicKeys = jwks(
  'P-256, each with a kid and without its private part',
  Public.extend({ d: z.never().optional() }),
  ({ kty, crv, x, y }) => createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }),
)
  .transform((keys): ReadonlyMap<string, KeyObject> => new Map(keys))
  .describe('the public keys that access tokens are verified with, a JWKS; npm run keys -- new makes them');

/** `TOKEN_PRIVATE_KEYS`: the first one signs; others are known already, for a rotation. */
export const PrivateKeys = jwks(
  'P-256, each with a kid and its private part',
  Private,
  ({ kty, crv, x, y, d }) => createPrivateKey({ key: { kty, crv, x, y, d }, format: 'jwk' }),
)
  .transform((keys): readonly SigningKey[] => keys.map(([kid, key]) => ({ kid, key })))
  .describe('the private keys that sign access tokens, a JWKS; npm run keys -- new makes them');

/** `REFRESH_KEYS`: secrets with commas between; the first one makes, all are known. */
export const Secrets = z
  .string()
  .transform((text) => text.split(',').map((key) => key.trim()))
  .refine((keys) => keys.every((key) => key.length >= 32), 'must be of at least 32 characters each');

const DAY = 24 * 3600_000;

/** `JWT_KEY` and `JWT_KEY_BEFORE`: what was signed until then by the key of before is taken until it ends. */
export const FormerSettings = {
  JWT_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
  JWT_KEY_BEFORE: z.iso
    .datetime({ offset: true, error: 'must be a moment such as 2026-12-01T12:00:00Z' })
    .transform((text) => new Date(text))
    // The later it is, the longer somebody who has the key can make tokens.
    .refine((moment) => moment.getTime() < Date.now() + DAY, 'must be at most a day ahead')
    .optional(),
};

interface Former {
  JWT_KEY?: string | undefined;
  JWT_KEY_BEFORE?: Date | undefined;
}

/** For a configuration that has `FormerSettings`: the key says nothing without the moment when it ended. */
export const saysUntilWhen = ({ JWT_KEY, JWT_KEY_BEFORE }: Former): boolean =>
  JWT_KEY === undefined || JWT_KEY_BEFORE !== undefined;
export const untilWhen = {
  path: ['JWT_KEY_BEFORE'],
  message: 'must say until when JWT_KEY signs, where that is given',
};

export const formerKey = ({ JWT_KEY, JWT_KEY_BEFORE }: Former): FormerKey | undefined =>
  JWT_KEY === undefined || JWT_KEY_BEFORE === undefined
    ? undefined
    : { key: createSecretKey(JWT_KEY, 'utf8'), before: JWT_KEY_BEFORE };
