import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { base32nopad } from '@scure/base';
import type { CodeKeyPair } from './keys.ts';

/** What a code says: who may enter where, as often as it was issued. */
export interface Ticket {
  admissionId: string;
  eventId: string;
  generation: number;
}

const VERSION = 1;
/** Version 1, key 2, admission 12, event 12, generation 2; then the signature. */
const HEAD = 29;
const SIGNATURE = 64;

/**
 * The code of an admission: version, key, admission, event and generation, signed (Ed25519, RFC 8032), in Base32 (RFC 4648):
 * 149 letters and digits, which a QR code holds in few squares, and a scanner that is a keyboard types in every layout.
 */
export function makeCode({ admissionId, eventId, generation }: Ticket, { kid, key }: CodeKeyPair): string {
  const head = Buffer.from(
    [
      VERSION.toString(16).padStart(2, '0'),
      kid,
      admissionId,
      eventId,
      generation.toString(16).padStart(4, '0'),
    ].join(''),
    'hex',
  );
  return base32nopad.encode(Buffer.concat([head, sign(null, head, key)]));
}

/** Reads a code; undefined where it is none of ours: forged, cut off, or something else. */
export function readCode(text: string, keys: ReadonlyMap<string, KeyObject>): Ticket | undefined {
  const bytes = decoded(text);
  if (bytes?.length !== HEAD + SIGNATURE || bytes[0] !== VERSION) return undefined;
  const head = bytes.subarray(0, HEAD);
  const hex = head.toString('hex');
  const key = keys.get(hex.slice(2, 6));
  if (!key || !verify(null, head, key, bytes.subarray(HEAD))) return undefined;
  return {
    admissionId: hex.slice(6, 30),
    eventId: hex.slice(30, 54),
    generation: Number.parseInt(hex.slice(54), 16),
  };
}

const decoded = (text: string): Buffer | undefined => {
  try {
    return Buffer.from(base32nopad.decode(text));
  } catch {
    return undefined;
  }
};

/** The public keys by name, for who reads codes. */
export const publicOf = (pairs: readonly CodeKeyPair[]): ReadonlyMap<string, KeyObject> =>
  new Map(pairs.map(({ kid, key }) => [kid, createPublicKey(key)]));
