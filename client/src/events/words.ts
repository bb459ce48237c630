import type { EventSummary, Tier } from '../api/types.ts';
import { isolated, money } from '../ui/format.ts';
import type { Tone } from '../ui/parts.tsx';

/** How it stands with an event. */
export const WORDS = {
  draft: { label: 'Draft', tone: 'plain' },
  sale: { label: 'On sale', tone: 'good' },
  few: { label: 'Few left', tone: 'warn' },
  soldOut: { label: 'Sold out', tone: 'plain' },
  postponed: { label: 'Postponed', tone: 'warn' },
  soon: { label: 'Not on sale yet', tone: 'plain' },
  closed: { label: 'Sale has ended', tone: 'plain' },
  cancelled: { label: 'Cancelled', tone: 'bad' },
  over: { label: 'Over', tone: 'plain' },
} as const satisfies Record<string, { label: string; tone: Tone }>;
export type Standing = keyof typeof WORDS;

/** Of so few places in a hundred people should know. */
const FEW = 10;

/** Places that can still be had, and that there are. */
export interface Left {
  left: number;
  of: number;
}

type Sold = Pick<EventSummary, 'status' | 'endsAt' | 'postponedFrom' | 'tiers'>;

/** What to say of an event at a moment, in milliseconds; without `places` nothing of how many are left. */
export function standingOf(event: Sold, now: number, places?: Left): Standing {
  if (event.status !== 'published') return event.status;
  if (Date.parse(event.endsAt) <= now) return 'over';
  if (places?.left === 0) return 'soldOut';
  if (event.postponedFrom !== undefined) return 'postponed';
  if (event.tiers.length > 0 && !event.tiers.some((tier) => saleOf(tier, now) === 'open'))
    return event.tiers.some((tier) => saleOf(tier, now) === 'soon') ? 'soon' : 'closed';
  return places && places.left * 100 <= places.of * FEW ? 'few' : 'sale';
}

/** Whether the time of a tier has come, or is over. */
export function saleOf({ opensAt, closesAt }: Pick<Tier, 'opensAt' | 'closesAt'>, now: number) {
  if (opensAt !== undefined && now < Date.parse(opensAt)) return 'soon';
  return closesAt !== undefined && Date.parse(closesAt) <= now ? 'closed' : 'open';
}

/** When the first of those that are not on sale yet is. */
export const opensFirst = (tiers: readonly Pick<Tier, 'opensAt'>[], now: number): string | undefined =>
  tiers
    .flatMap(({ opensAt }) => (opensAt !== undefined && now < Date.parse(opensAt) ? [opensAt] : []))
    .sort((a, b) => Date.parse(a) - Date.parse(b))[0];

type Priced = Pick<EventSummary, 'currency'> & { tiers: readonly Pick<Tier, 'price' | 'closesAt'>[] };

/** `From $25.00`, `$25.00`, `Free`, `Free, or from $25.00`: of what is not closed yet; nothing where only codes show tiers. */
export function fromPrice({ tiers, currency }: Priced, now: number): string {
  const open = tiers.filter(({ closesAt }) => closesAt === undefined || now < Date.parse(closesAt));
  const all = (open.length > 0 ? open : tiers).map(({ price }) => price);
  const paid = all.filter((price) => price > 0);
  const free = paid.length < all.length;
  if (paid.length === 0) return free ? 'Free' : '';
  const [least, most] = [Math.min(...paid), Math.max(...paid)];
  const from = `${least === most ? '' : 'from '}${money(least, currency)}`;
  return free ? `Free, or ${from}` : from.replace(/^f/, 'F');
}

/** `The Hall, London`. */
export const placeOf = ({ venue }: Pick<EventSummary, 'venue'>): string =>
  `${isolated(venue.name)}, ${isolated(venue.city)}`;
