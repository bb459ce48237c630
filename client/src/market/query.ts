import { finds } from '@ticketing/common/search';
import { type Decimal, plainAmount, readAmount, wrongAmount } from '../ui/amount.ts';
import { money } from '../ui/format.ts';

export const SORTS = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  cheapest: 'Cheapest first',
  dearest: 'Dearest first',
} as const;
export type SortName = keyof typeof SORTS;

/** What a visitor looks for, as the address of the market has it. */
export interface Search {
  q: string;
  min: string;
  max: string;
  /** Of the prices; the market's. */
  currency: string;
  sort: SortName;
  available: boolean;
}

type Params = Record<string, string | string[] | undefined>;

export function readSearch(params: Params, currency: string): Search {
  const one = (name: string) => {
    const value = params[name];
    return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
  };
  const sort = one('sort');
  return {
    // Control characters are nobody's words, and come by an address only.
    q: Array.from(one('q').replace(/\p{Cc}+/gu, ' '))
      .slice(0, 100)
      .join(''),
    min: one('min'),
    max: one('max'),
    currency,
    sort: Object.hasOwn(SORTS, sort) ? (sort as SortName) : 'newest',
    available: one('available') === '1',
  };
}

type Prices = Pick<Search, 'min' | 'max' | 'currency'>;

/** What is wrong with the prices that were typed, of each. */
export function wrongPrices(
  { min, max, currency }: Prices,
  decimal?: Decimal,
): Partial<Pick<Prices, 'min' | 'max'>> {
  const wrong = (text: string) => {
    const read = readAmount(text, currency, decimal);
    if (text === '' || read?.sure) return undefined;
    return read
      ? `may mean ${money(read.amount, currency)}: write ${plainAmount(read.amount, currency)}`
      : wrongAmount(currency);
  };
  const [low, high] = [wrong(min), wrong(max)];
  const amountOf = (text: string) => Number(readAmount(text, currency, decimal)?.amount);
  const crossed = amountOf(min) > amountOf(max);
  const least = low ?? (crossed && !high ? 'must not be above Price to' : undefined);
  return { ...(least && { min: least }), ...(high && { max: high }) };
}

/** A price of an address, which says the same to everybody: what could mean another amount is none. */
const minorUnits = (text: string, currency: string) => {
  const read = readAmount(text, currency);
  return read?.sure ? read.amount : undefined;
};

/** The list that the API is asked for. A price that is none counts as not given. */
export function listPath({ q, min, max, currency, sort, available }: Search, limit: number): string {
  const query = new URLSearchParams({ limit: String(limit) });
  const [least, most] = [minorUnits(min, currency), minorUnits(max, currency)];
  if (q) query.set('q', q);
  if (least !== undefined) query.set('minPrice', String(least));
  if (most !== undefined) query.set('maxPrice', String(most));
  if (sort !== 'newest') query.set('sort', sort);
  if (available) query.set('status', 'available');
  return `/api/tickets?${query}`;
}

interface Described {
  title: string;
  description?: string | undefined;
}

/** Whether the search finds a ticket by its words, as the API decides. */
export const hasWords = ({ q }: Search, ticket: Described): boolean => q === '' || finds(q, ticket);

/** Whether a word of the search is but a letter, which is looked for as a word of its own. */
export const hasLoneLetter = (q: string): boolean => /(?:^|\s)[a-z](?:\s|$)/i.test(q);

export function hasPrice(
  { min, max, currency }: Search,
  ticket: { price: number; currency: string },
): boolean {
  const [least, most] = [minorUnits(min, currency), minorUnits(max, currency)];
  if (least === undefined && most === undefined) return true;
  return ticket.currency === currency && ticket.price >= (least ?? 0) && ticket.price <= (most ?? Infinity);
}
