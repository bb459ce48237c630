import { addressWith, type Params, textOf, wordsOf } from '../finding/params.ts';
import { minorUnits, type Prices } from '../finding/prices.ts';
import { zoneOrUtc } from '../ui/format.ts';
import { CATEGORIES, type Category } from './categories.ts';
import { beginOf, daysAfter, isDay, weekendAt } from './days.ts';

/** What a visitor looks for, as the address of *What's on* has it. */
export interface Wanted extends Prices {
  q: string;
  city: string;
  category: Category | '';
  /** Days, such as 2026-11-27, in `zone`. */
  from: string;
  to: string;
  weekend: boolean;
  free: boolean;
  /** In whose days they count. */
  zone: string;
}
export interface Search extends Wanted {
  /** What all that means, in milliseconds: what is not over by then, and what begins before. */
  since?: number;
  until?: number;
}

/** As they are called in the address: `min` and `max` have always been the market's. */
export const PRICES = ['least', 'most'] as const;

export function readSearch(
  params: Params,
  { currency, zone, now }: { currency: string; zone: string | undefined; now: number },
): Search {
  const category = textOf(params, 'category');
  const wanted: Wanted = {
    q: wordsOf(params, 'q'),
    city: wordsOf(params, 'city'),
    category: Object.hasOwn(CATEGORIES, category) ? (category as Category) : '',
    from: textOf(params, 'from'),
    to: textOf(params, 'to'),
    weekend: textOf(params, 'weekend') === '1',
    free: textOf(params, 'free') === '1',
    min: textOf(params, PRICES[0]),
    max: textOf(params, PRICES[1]),
    currency,
    zone: zoneOrUtc(textOf(params, 'zone') || (zone ?? 'UTC')),
  };
  return { ...wanted, ...boundsOf(wanted, now) };
}

/** What is over is on no more, whatever day was asked for. */
function boundsOf({ from, to, weekend, zone }: Wanted, now: number): Pick<Search, 'since' | 'until'> {
  const days = weekend ? weekendAt(now, zone) : undefined;
  const since = [days?.since, isDay(from) ? beginOf(from, zone) : undefined];
  const until = [days?.until, isDay(to) ? beginOf(daysAfter(to, 1), zone) : undefined];
  const known = (bounds: (number | undefined)[]) => bounds.filter((bound) => bound !== undefined);
  const [first, last] = [Math.max(...known(since)), Math.min(...known(until))];
  return { ...(first > now && { since: first }), ...(last < Infinity && { until: last }) };
}

/** Whether it asks for certain days, and so for somebody's. */
export const asksForDays = ({ from, to, weekend }: Pick<Wanted, 'from' | 'to' | 'weekend'>): boolean =>
  from !== '' || to !== '' || weekend;

export const isEmpty = ({ q, city, category, free, min, max, ...days }: Wanted): boolean =>
  !(q || city || category || free || min || max || asksForDays(days));

/** What is wrong with the days that were typed, of each. */
export function wrongDays({ from, to }: Pick<Wanted, 'from' | 'to'>): { from?: string; to?: string } {
  const wrong = (day: string) => (day === '' || isDay(day) ? undefined : 'must be a day such as 2026-11-27');
  const [first, last] = [wrong(from), wrong(to)];
  const crossed = from !== '' && to !== '' && !first && !last && from > to;
  return {
    ...((first ?? crossed) && { from: first ?? 'must not be after To' }),
    ...(last !== undefined && { to: last }),
  };
}

export const addressOf = (wanted: Wanted): string => {
  const { q, city, category, from, to, weekend, free, min, max, zone } = wanted;
  const days = { from, to, weekend: weekend && '1', zone: asksForDays(wanted) && zone };
  return addressWith('/', { q, city, category, ...days, free: free && '1', least: min, most: max });
};

/** The list that the API is asked for. A price that is none counts as not given. */
export function listPath(search: Search, limit: number): string {
  const { q, city, category, free, min, max, currency, since, until } = search;
  const query = new URLSearchParams({ limit: String(limit) });
  const [least, most] = [minorUnits(min, currency), minorUnits(max, currency)];
  if (q) query.set('q', q);
  if (city) query.set('city', city);
  if (category) query.set('category', category);
  if (since !== undefined) query.set('from', new Date(since).toISOString());
  if (until !== undefined) query.set('to', new Date(until).toISOString());
  if (free) query.set('free', 'true');
  if (least !== undefined) query.set('minPrice', String(least));
  if (most !== undefined) query.set('maxPrice', String(most));
  return `/api/events?${query}`;
}
