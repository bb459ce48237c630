import { finds, ticketText } from '@ticketing/common/search';
import { addressWith, type Params, textOf, wordsOf } from '../finding/params.ts';
import { minorUnits, type Prices } from '../finding/prices.ts';

export const SORTS = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  cheapest: 'Cheapest first',
  dearest: 'Dearest first',
} as const;
export type SortName = keyof typeof SORTS;

/** What a visitor looks for, as the address of the market has it; its currency is the market's. */
export interface Search extends Prices {
  q: string;
  sort: SortName;
  available: boolean;
}

export function readSearch(params: Params, currency: string): Search {
  const sort = textOf(params, 'sort');
  return {
    q: wordsOf(params, 'q'),
    min: textOf(params, 'min'),
    max: textOf(params, 'max'),
    currency,
    sort: Object.hasOwn(SORTS, sort) ? (sort as SortName) : 'newest',
    available: textOf(params, 'available') === '1',
  };
}

export const addressOf = ({ q, min, max, sort, available }: Search): string =>
  addressWith('/market', { q, min, max, sort: sort !== 'newest' && sort, available: available && '1' });

/** The list that the API is asked for. */
export const listPath = (search: Search, limit: number): string =>
  `/api/tickets/sales?${queryOf(search, { limit: String(limit) })}`;

/** How many there are in it. */
export const countPath = (search: Search): string => `/api/tickets/sales/count?${queryOf(search)}`;

/** How these of them are now: also those of which nothing is left, as what is seen stays. */
export const onlyPath = (search: Search, ids: readonly string[]): string =>
  `/api/tickets/sales?${queryOf({ ...search, available: false }, { saleIds: ids.join(',') })}`;

/** A price that is none counts as not given. */
function queryOf({ q, min, max, currency, sort, available }: Search, more: Record<string, string> = {}) {
  const query = new URLSearchParams(more);
  const [least, most] = [minorUnits(min, currency), minorUnits(max, currency)];
  if (q) query.set('q', q);
  if (least !== undefined) query.set('minPrice', String(least));
  if (most !== undefined) query.set('maxPrice', String(most));
  if (sort !== 'newest') query.set('sort', sort);
  if (available) query.set('status', 'available');
  return query;
}

/** Whether the search finds a ticket by its words, as the API decides. */
export const hasWords = ({ q }: Search, ticket: Parameters<typeof ticketText>[0]): boolean =>
  q === '' || finds(q, ticketText(ticket));

export function hasPrice(
  { min, max, currency }: Search,
  ticket: { price: number; currency: string },
): boolean {
  const [least, most] = [minorUnits(min, currency), minorUnits(max, currency)];
  if (least === undefined && most === undefined) return true;
  return ticket.currency === currency && ticket.price >= (least ?? 0) && ticket.price <= (most ?? Infinity);
}
