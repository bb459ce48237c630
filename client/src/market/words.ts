import type { Sale, SalesCount } from '../api/types.ts';
import { LOCALE, money } from '../ui/format.ts';

/** `From $74.00`, or `$74.00` where all that is left costs the same; of what is not left, what the first one cost. */
export function priceOf({ ticket, from, to }: Pick<Sale, 'ticket' | 'from' | 'to'>): string {
  const price = money(from ?? ticket.price, ticket.currency);
  return from === to ? price : `From ${price}`;
}

/** `1,000+ offers`. */
export const foundText = ({ count, more }: SalesCount): string =>
  `${new Intl.NumberFormat(LOCALE).format(count)}${more ? '+' : ''} ${count === 1 && !more ? 'offer' : 'offers'}`;
