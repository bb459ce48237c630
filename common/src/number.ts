/** Crockford's base 32: none of its 32 signs is taken for another when it is read out or written down. */
export const SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** How many digits of an id are its second, and how many bits of its end are in the number. */
export const SECOND = 8;
export const END_BITS = 18n;

/**
 * `6926f0a3…` → `3D4VR-6HK2M`: the second in which a thing was made, and 18 bits of the end of its id, to be read out. Nothing is
 * stored for it: of the things of that second it names one in 262,144 (ADR 33).
 */
export function numberOf(id: string): string {
  const end = BigInt(`0x${id.slice(-6)}`) & ((1n << END_BITS) - 1n);
  const value = (BigInt(`0x${id.slice(0, SECOND)}`) << END_BITS) | end;
  const signs = Array.from({ length: 10 }, (_, n) => SIGNS[Number((value >> BigInt(5 * (9 - n))) & 31n)]);
  return `${signs.slice(0, 5).join('')}-${signs.slice(5).join('')}`;
}
