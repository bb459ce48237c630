import type { FieldError } from '../api/answer.ts';
import { judgePrice } from '../selling/price.ts';
import { clearAmount, type Decimal, readAmount } from '../ui/amount.ts';
import {
  type BlockDraft,
  type Draft,
  NO_LIMIT,
  type Plain,
  type PoolDraft,
  type TierDraft,
} from './draft.ts';
import { expanded } from './labels.ts';
import { type Range, rangesOf, type Read, readPlaces, readRows } from './rows.ts';

type Say = (field: string, message: string) => void;

const NEEDED: readonly Plain[] = [
  'title',
  'category',
  'organizer.name',
  'venue.name',
  'venue.city',
  'zone',
  'starts',
  'ends',
];
/** The API takes no name for these that is none. */
const MISSING: Partial<Record<Plain, string>> = {
  category: 'must be chosen',
  starts: 'must be given',
  ends: 'must be given',
};

/** What the API is told of an event that is typed, or all that is wrong with it, by the names of fields. */
export function bodyOf(draft: Draft, decimal: Decimal): { body: object; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const say: Say = (field, message) => void errors.push({ field, message });
  const { plain } = draft;
  const typed = (name: Plain) => plain[name].trim();
  for (const name of NEEDED) if (typed(name) === '') say(name, MISSING[name] ?? 'must not be empty');
  const some = (name: Plain) => typed(name) || undefined;
  const until = some('returns.until');
  const feePercent = whole(typed('returns.feePercent'), 'returns.feePercent', say);
  if (until === undefined && feePercent !== undefined)
    say('returns.until', 'must be given where a part is kept');
  const body = {
    title: typed('title'),
    description: some('description'),
    category: typed('category'),
    organizer: {
      name: typed('organizer.name'),
      address: some('organizer.address'),
      taxNumber: some('organizer.taxNumber'),
    },
    venue: {
      name: typed('venue.name'),
      address: some('venue.address'),
      city: typed('venue.city'),
      country: some('venue.country')?.toUpperCase(),
    },
    zone: typed('zone'),
    starts: typed('starts'),
    ends: typed('ends'),
    currency: typed('currency'),
    pools: draft.pools.map((pool, at) => poolOf(pool, `pools.${at}`, say)),
    tiers: draft.tiers.map((tier, at) => tierOf(tier, draft, decimal, `tiers.${at}`, say)),
    ...(until !== undefined && { returns: { until, feePercent } }),
    ...(typed('reentry') !== '' && { reentry: true }),
  };
  return { body, errors };
}

function whole(text: string, field: string, say: Say): number | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,7}$/.test(text)) say(field, 'must be a whole number');
  return Number(text);
}

function poolOf(pool: PoolDraft, field: string, say: Say): object {
  const id = pool.id ? { id: pool.id } : {};
  if (pool.kind === 'seats') return { ...id, ...blocksOf(pool.blocks, field, say) };
  const count = pool.capacity.trim();
  if (count === '') say(`${field}.capacity`, 'must be given');
  const capacity = whole(count, `${field}.capacity`, say) ?? 0;
  const held = /^\d+$/.test(pool.held.trim())
    ? lastOf(Number(pool.held), capacity, `${field}.held`, say)
    : numbered(pool.held, capacity, `${field}.held`, say);
  const marks = (['accessible', 'companion'] as const).flatMap((mark) =>
    numbered(pool[mark], capacity, `${field}.${mark}`, say).map((range) => ({ ...range, mark })),
  );
  return { ...id, capacity, held, ...(marks.length > 0 && { marks }) };
}

/** Those that would be sold last. */
function lastOf(count: number, capacity: number, field: string, say: Say): Range[] {
  if (count > capacity) say(field, `must be at most the ${capacity} that there are`);
  return count === 0 ? [] : [{ from: Math.max(0, capacity - count), to: capacity - 1 }];
}

function numbered(text: string, capacity: number, field: string, say: Say): Range[] {
  const numbers = expanded(text).map(Number);
  const amiss = numbers.some((number) => !(number >= 1 && number <= capacity));
  if (amiss) say(field, `must be a number, or numbers from 1 to ${capacity} such as 1-4`);
  return amiss ? [] : rangesOf(numbers.map((number) => number - 1));
}

/** Blocks as they are typed, and which of their places are held back, or for whom. */
export function blocksOf(drafts: readonly BlockDraft[], field: string, say: Say) {
  if (drafts.length === 0) say(`${field}.kind`, 'must have a block');
  const held: number[] = [];
  const marks: (Range & { mark: 'accessible' | 'companion' })[] = [];
  let first = 0;
  const blocks = drafts.map((block, at) => {
    const here = `${field}.blocks.${at}`;
    const value = <T>(read: Read<T>, name: string, none: T): T => {
      if (read.wrong === undefined) return read.value;
      say(`${here}.${name}`, read.wrong);
      return none;
    };
    if (block.name.trim() === '') say(`${here}.name`, 'must not be empty');
    const read = readRows(block.rows);
    const rows = value(read, 'rows', []);
    // Of rows that cannot be read, seats cannot be either: that is said once.
    const places = (name: 'held' | 'accessible' | 'companion') =>
      read.wrong === undefined ? value(readPlaces(block[name], rows, first), name, []) : [];
    held.push(...places('held'));
    for (const mark of ['accessible', 'companion'] as const)
      marks.push(...rangesOf(places(mark)).map((range) => ({ ...range, mark })));
    first += rows.reduce((sum, { seats }) => sum + seats, 0);
    return { name: block.name.trim(), rows };
  });
  return { blocks, held: rangesOf(held), ...(marks.length > 0 && { marks }) };
}

function tierOf(tier: TierDraft, draft: Draft, decimal: Decimal, field: string, say: Say): object {
  const { currency } = draft.plain;
  if (tier.name.trim() === '') say(`${field}.name`, 'must not be empty');
  const limit = tier.limit.trim().toLowerCase();
  const pool = draft.pools.findIndex(({ key }) => key === tier.pool);
  if (pool < 0) say(`${field}.pool`, 'must be chosen');
  return {
    ...(tier.id && { id: tier.id }),
    name: tier.name.trim(),
    pool,
    price: priceOf(tier.price, currency, decimal, `${field}.price`, say),
    taxRate: rateOf(tier.taxRate, `${field}.taxRate`, say),
    ...(tier.hidden && { hidden: true }),
    ...(tier.opens && { opens: tier.opens }),
    ...(tier.closes && { closes: tier.closes }),
    limit: limit === NO_LIMIT ? null : whole(limit, `${field}.limit`, say),
  };
}

function priceOf(text: string, currency: string, decimal: Decimal, field: string, say: Say): number {
  const read = readAmount(/^\s*free\s*$/i.test(text) ? '0' : text, currency, decimal);
  const judged = read?.amount === 0 ? undefined : judgePrice(read, currency);
  if (judged && 'wrong' in judged) say(field, judged.wrong.replace(/ at least/, ' 0, or at least'));
  else if (read && !read.sure)
    say(field, `is not clear: type ${clearAmount(read.amount, currency)} if that is meant`);
  return read?.amount ?? 0;
}

/** Percent, with up to two decimals. */
function rateOf(text: string, field: string, say: Say): number | undefined {
  const typed = text.trim().replace(/\s*%$/, '').replace(',', '.');
  if (typed === '') return undefined;
  const rate = Math.round(Number(typed) * 100);
  if (!/^\d{1,3}(\.\d{1,2})?$/.test(typed) || rate > 10_000) say(field, 'must be a percentage from 0 to 100');
  return rate;
}
