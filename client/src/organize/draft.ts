import type { EventPool, EventView, Tier } from '../api/types.ts';
import { clearAmount } from '../ui/amount.ts';
import { placesText, type Range, rowsText } from './rows.ts';

/** What is one of an event, by the API's names, and what the editor calls it. */
export const PLAIN = {
  title: 'Title',
  category: 'Category',
  description: 'Description',
  'organizer.name': 'Name of the organizer',
  'organizer.address': 'Address of the organizer',
  'organizer.taxNumber': 'Tax number',
  zone: 'Time zone',
  starts: 'Begins',
  ends: 'Ends',
  'venue.name': 'Name of the venue',
  'venue.address': 'Address of the venue',
  'venue.city': 'City',
  'venue.country': 'Country',
  currency: 'Currency',
  'returns.until': 'Give back until',
  'returns.feePercent': 'Percent kept',
  reentry: 'Coming in again',
} as const;
export type Plain = keyof typeof PLAIN;

export interface BlockDraft {
  key: string;
  name: string;
  /** Lines such as `A-H: 20`; and of these rows, seats that are held back, and for whom some are. */
  rows: string;
  held: string;
  accessible: string;
  companion: string;
}

export interface PoolDraft {
  key: string;
  id: string;
  kind: 'number' | 'seats';
  capacity: string;
  /** Of a number: how many, or `1-4` which. */
  held: string;
  accessible: string;
  companion: string;
  blocks: readonly BlockDraft[];
}

export interface TierDraft {
  key: string;
  id: string;
  name: string;
  /** Its pool's key. */
  pool: string;
  price: string;
  taxRate: string;
  opens: string;
  closes: string;
  limit: string;
  hidden: '' | 'yes';
}

/** An event as it is typed: texts alone, so that whatever is typed can be kept. */
export interface Draft {
  plain: Readonly<Record<Plain, string>>;
  pools: readonly PoolDraft[];
  tiers: readonly TierDraft[];
}

/** What a pool of a number is until somebody says otherwise. */
export const newPool = (key: string, more: Partial<PoolDraft> = {}): PoolDraft => ({
  key,
  id: '',
  kind: 'number',
  capacity: '',
  held: '',
  accessible: '',
  companion: '',
  blocks: [],
  ...more,
});

export const newBlock = (key: string, more: Partial<BlockDraft> = {}): BlockDraft => ({
  key,
  name: '',
  rows: '',
  held: '',
  accessible: '',
  companion: '',
  ...more,
});

export const newTier = (key: string, pool: string): TierDraft => ({
  key,
  id: '',
  name: '',
  pool,
  price: '',
  taxRate: '',
  opens: '',
  closes: '',
  limit: '',
  hidden: '',
});

/** What nobody has typed anything of. */
export const blank = (zone: string, currency: string): Draft => ({
  plain: {
    ...(Object.fromEntries(Object.keys(PLAIN).map((name) => [name, ''])) as Draft['plain']),
    zone,
    currency,
  },
  pools: [],
  tiers: [],
});

/** The limit of a free tier that has none. */
export const NO_LIMIT = 'none';

/** What would be typed to say what an event is. */
export function draftOf(event: EventView): Draft {
  const { organizer, venue, returns } = event;
  return {
    plain: {
      title: event.title,
      category: event.category,
      description: event.description ?? '',
      'organizer.name': organizer.name,
      'organizer.address': organizer.address ?? '',
      'organizer.taxNumber': organizer.taxNumber ?? '',
      zone: event.zone,
      starts: event.starts,
      ends: event.ends,
      'venue.name': venue.name,
      'venue.address': venue.address ?? '',
      'venue.city': venue.city,
      'venue.country': venue.country ?? '',
      currency: event.currency,
      'returns.until': returns?.local ?? '',
      'returns.feePercent': returns ? String(returns.feePercent) : '',
      reentry: event.reentry ? 'yes' : '',
    },
    pools: event.pools.map(poolDraft),
    tiers: event.tiers.map((tier) => tierDraft(tier, event.currency)),
  };
}

function poolDraft({ id, capacity, blocks, held = [], marks = [] }: EventPool): PoolDraft {
  const of = (mark: string) => marks.filter((one) => one.mark === mark);
  const [accessible, companion] = [of('accessible'), of('companion')];
  if (!blocks)
    return newPool(id, {
      id,
      capacity: String(capacity),
      held: countText(held, capacity),
      accessible: numbersText(accessible),
      companion: numbersText(companion),
    });
  let first = 0;
  return newPool(id, {
    id,
    kind: 'seats',
    blocks: blocks.map(({ name, rows }, at) => {
      const from = first;
      first += rows.reduce((sum, { seats }) => sum + seats, 0);
      return newBlock(`b${at}`, {
        name,
        rows: rowsText(rows),
        held: placesText(held, rows, from),
        accessible: placesText(accessible, rows, from),
        companion: placesText(companion, rows, from),
      });
    }),
  });
}

/** Places without names are counted from 1 by people. */
const numbersText = (ranges: readonly Range[]) =>
  ranges.map(({ from, to }) => `${from + 1}-${to + 1}`).join(',');

/** So many of the last, which are sold last of all; others by their numbers. */
function countText(held: readonly Range[], capacity: number): string {
  const [only] = held;
  return held.length === 1 && only?.to === capacity - 1 ? String(only.to - only.from + 1) : numbersText(held);
}

const tierDraft = (tier: Tier, currency: string): TierDraft => ({
  key: tier.id,
  id: tier.id,
  name: tier.name,
  pool: tier.poolId,
  price: clearAmount(tier.price, currency),
  taxRate: tier.taxRate === undefined ? '' : String(tier.taxRate / 100),
  opens: tier.opens ?? '',
  closes: tier.closes ?? '',
  limit: tier.limit === null ? NO_LIMIT : String(tier.limit ?? ''),
  hidden: tier.hidden ? 'yes' : '',
});
