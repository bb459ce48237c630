import { END_BITS, SECOND, SIGNS } from '@ticketing/common/number';
import { z } from 'zod';

/** As it was typed: small letters, any spaces and hyphens, and the letters that look like digits. */
export const OrderNumber = z
  .string()
  .max(40)
  .regex(/^[\s-]*([0-9a-zA-Z][\s-]*){10}$/, 'must be the number of an order, such as 3D4VR-6HK2M')
  .regex(/^[^uU]*$/, 'must be the number of an order, which has no U')
  .transform((text) => {
    const signs = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
    return `${signs.slice(0, 5)}-${signs.slice(5)}`;
  });

/**
 * What finds an order by its number, for the database, or by its id. It looks through the ids of that second, of which there may be
 * thousands, and reads those orders only that the number names.
 */
export function idsOf(idOrNumber: string): string | { $gte: string; $lte: string; $regex: string } {
  if (!idOrNumber.includes('-')) return idOrNumber;
  const value = Array.from(idOrNumber.replace('-', '')).reduce(
    (sum, sign) => sum * 32n + BigInt(SIGNS.indexOf(sign)),
    0n,
  );
  const second = (value >> END_BITS).toString(16).padStart(SECOND, '0');
  const end = value & ((1n << END_BITS) - 1n);
  // Four digits, and two bits of the one before.
  const before = Array.from('0123456789abcdef').filter((_, digit) => digit % 4 === Number(end >> 16n));
  return {
    $gte: second.padEnd(24, '0'),
    $lte: second.padEnd(24, 'f'),
    $regex: `[${before.join('')}]${(end & 0xffffn).toString(16).padStart(4, '0')}$`,
  };
}
