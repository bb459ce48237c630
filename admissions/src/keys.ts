import { createPrivateKey, type KeyObject } from 'node:crypto';
import { jwks } from '@ticketing/common/http/keys';
import { z } from 'zod';

/** An Ed25519 key pair; its name, four hexadecimal digits, stands in each code that it signs. */
export interface CodeKeyPair {
  kid: string;
  key: KeyObject;
}

const Half = z.string().regex(/^[\w-]{43}$/);

/** `ADMISSION_KEYS`: the first one signs, codes of all of them are good. */
export const AdmissionKeys = jwks(
  'Ed25519, each with a kid of four hexadecimal digits and its private part',
  z.object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    kid: z.string().regex(/^[0-9a-f]{4}$/),
    x: Half,
    d: Half,
  }),
  ({ kty, crv, x, d }) => createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' }),
)
  .transform((keys): readonly [CodeKeyPair, ...CodeKeyPair[]] => {
    const [first, ...others] = keys.map(([kid, key]) => ({ kid, key }));
    if (!first) throw new Error('A JWKS has one key at least');
    return [first, ...others];
  })
  .describe('the private keys that sign the codes of tickets, a JWKS; npm run keys -- new makes them');
