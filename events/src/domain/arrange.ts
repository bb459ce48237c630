import { reject, type Rejection } from '@ticketing/common/rejection';
import type { Fresh } from '@ticketing/common/record';
import { folded, searchKeys } from '@ticketing/common/search';
import { complaints, type Complain, planOf } from './plan.ts';
import type { EventRecord, Returns, SoldTier, Wanted, WantedReturns } from './record.ts';
import { readTime, tiersOf } from './tiers.ts';

const DAY = 24 * 3600_000;
/** An exhibition may stand for a year; lists look so far back for what is not over. */
export const LONGEST_DAYS = 366;
export const LONGEST = LONGEST_DAYS * DAY;

/** What a rule takes from outside to arrange an event. */
export interface Means {
  newId: () => string;
  newPoolId: () => string;
  /** Where the organizer names none. */
  currency: string;
  freeLimit: number;
}

/** Of an event, all that its organizer asks for and what follows from it. */
export type Arranged = Omit<
  Fresh<EventRecord>,
  | '_id'
  | 'status'
  | 'internal'
  | 'links'
  | 'postponedFrom'
  | 'publishedAt'
  | 'publishedVersion'
  | 'idempotencyKey'
  | 'requestHash'
> & { held: EventRecord['internal']['held'] };

export const invalid = (errors: ReturnType<typeof complaints>['errors']): Rejection | undefined =>
  errors.length > 0 ? reject('invalid', 'The body is not valid', { errors }) : undefined;

/** What is asked for, with ids, moments and what lists find it by; or each field that is wrong. */
export function arrange(wanted: Wanted, means: Means, before?: EventRecord): Arranged | Rejection {
  const { errors, complain } = complaints();
  const currency = wanted.currency ?? before?.currency ?? means.currency;
  const times = timesOf(wanted, complain);
  const { pools, held, marks } = planOf(wanted.pools, before, means.newPoolId, complain);
  const around = { pools, currency, zone: wanted.zone, endsAt: times?.endsAt, before };
  const tiers = tiersOf(
    wanted.tiers,
    { ...around, newId: means.newId, freeLimit: means.freeLimit },
    complain,
  );
  const returns = wanted.returns && returnsOf(wanted.returns, wanted.zone, times?.endsAt, complain);
  const refused = invalid(errors);
  if (refused || !times) return refused ?? reject('invalid', 'The body is not valid');
  const { title, description, category, zone } = wanted;
  const venue = given(wanted.venue);
  return {
    title,
    ...(description !== undefined && { description }),
    category,
    organizer: given(wanted.organizer),
    venue,
    zone,
    ...times,
    currency,
    pools,
    tiers,
    ...(marks.length > 0 && { marks }),
    ...(returns && { returns }),
    ...(wanted.reentry && { reentry: true }),
    held,
    words: searchKeys({ title: `${title} ${venue.name} ${venue.city}`, description }),
    cityKey: folded(venue.city),
    prices: openPrices(tiers),
  };
}

/** Of those that everybody may see, each once. */
export const openPrices = (tiers: readonly Pick<SoldTier, 'hidden' | 'price'>[]): number[] => [
  ...new Set(tiers.filter(({ hidden }) => !hidden).map(({ price }) => price)),
];

/** Without the fields that were left out: `undefined` is no value of a document. */
const given = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

export type Times = Pick<EventRecord, 'starts' | 'startsAt' | 'ends' | 'endsAt'>;

export function timesOf(
  { starts, ends, zone }: Pick<Wanted, 'starts' | 'ends' | 'zone'>,
  complain: Complain,
): Times | undefined {
  const startsAt = readTime(starts, zone, 'starts', complain);
  const endsAt = readTime(ends, zone, 'ends', complain);
  if (!startsAt || !endsAt) return undefined;
  if (endsAt <= startsAt) complain('ends', 'must be after starts');
  if (endsAt.getTime() - startsAt.getTime() > LONGEST)
    complain('ends', `must be at most ${LONGEST_DAYS} days after starts`);
  return { starts, startsAt, ends, endsAt };
}

export function returnsOf(
  { until: local, feePercent = 0 }: WantedReturns,
  zone: string,
  endsAt: Date | undefined,
  complain: Complain,
): Returns | undefined {
  const until = readTime(local, zone, 'returns.until', complain);
  if (!until) return undefined;
  if (endsAt && until > endsAt) complain('returns.until', 'must not be after the event ends');
  return { until, local, feePercent };
}
