import { minorUnits } from '../ui/format.ts';

export const SORTS = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  cheapest: 'Cheapest first',
  dearest: 'Dearest first',
} as const;
export type SortName = keyof typeof SORTS;

/** What a visitor looks for, as the address of the market has it; prices as they were typed. */
export interface Search {
  q: string;
  min: string;
  max: string;
  sort: SortName;
  available: boolean;
}

type Params = Record<string, string | string[] | undefined>;

export function readSearch(params: Params): Search {
  const one = (name: string) => {
    const value = params[name];
    return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
  };
  const sort = one('sort');
  return {
    q: one('q').slice(0, 100),
    min: one('min'),
    max: one('max'),
    sort: Object.hasOwn(SORTS, sort) ? (sort as SortName) : 'newest',
    available: one('available') === '1',
  };
}

/** What is wrong with a price that was typed. */
export const wrongPrice = (text: string): string | undefined =>
  text === '' || minorUnits(text) !== undefined ? undefined : 'must be an amount such as 25 or 25.50';

/** The list that the API is asked for. A price that is none counts as not given. */
export function listPath({ q, min, max, sort, available }: Search, limit: number): string {
  const query = new URLSearchParams({ limit: String(limit) });
  const [least, most] = [minorUnits(min), minorUnits(max)];
  if (q) query.set('q', q);
  if (least !== undefined) query.set('minPrice', String(least));
  if (most !== undefined) query.set('maxPrice', String(most));
  if (sort !== 'newest') query.set('sort', sort);
  if (available) query.set('status', 'available');
  return `/api/tickets?${query}`;
}

/** Whether a ticket that has just changed belongs to the list; as the API decides, word by word. */
export function matches(
  { q, min, max }: Search,
  ticket: { title: string; description?: string | undefined; price: number },
): boolean {
  const text = `${ticket.title} ${ticket.description ?? ''}`.toLowerCase();
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return (
    words.every((word) => text.includes(word)) &&
    ticket.price >= (minorUnits(min) ?? 0) &&
    ticket.price <= (minorUnits(max) ?? Infinity)
  );
}
