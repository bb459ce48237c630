import { wrongAmount } from '@ticketing/common/chargeable';
import type { Complain } from './plan.ts';
import type { EventRecord, SoldTier, WantedTier } from './record.ts';
import { type LocalTime, momentOf } from '@ticketing/common/times';

interface Around {
  pools: readonly { id: string }[];
  currency: string;
  zone: string;
  endsAt: Date | undefined;
  /** Places of a free tier that an account may have, where the organizer says nothing. */
  freeLimit: number;
  newId: () => string;
  before: Pick<EventRecord, 'status' | 'tiers'> | undefined;
}

/** The kinds of tickets, each with its moments and its pool. */
export const tiersOf = (wanted: readonly WantedTier[], around: Around, complain: Complain): SoldTier[] => {
  const ids = new Set<string>();
  return wanted.map((one, index) => {
    const field = `tiers.${index}`;
    const { id = around.newId(), name, price, taxRate, hidden, opens, closes } = one;
    if (one.id !== undefined && !around.before?.tiers.some((tier) => tier.id === id))
      complain(`${field}.id`, 'must be a tier of this event');
    if (ids.has(id)) complain(`${field}.id`, 'must name each tier once');
    ids.add(id);
    const amiss = price === 0 ? undefined : wrongAmount(price, around.currency);
    if (amiss !== undefined) complain(`${field}.price`, `must be 0, or ${amiss.replace(/^must /, '')}`);
    const limit = one.limit === undefined && price === 0 ? around.freeLimit : one.limit;
    return {
      id,
      name,
      poolId: poolOf(one, around, field, complain),
      price,
      ...(taxRate !== undefined && { taxRate }),
      ...(hidden && { hidden }),
      ...windowOf({ opens, closes }, around, field, complain),
      ...(typeof limit === 'number' && { limit }),
    };
  });
};

const poolOf = (
  { poolId, pool }: WantedTier,
  { pools }: Around,
  field: string,
  complain: Complain,
): string => {
  if (poolId !== undefined && pool !== undefined)
    complain(`${field}.pool`, 'must be left out where poolId is given');
  if (poolId !== undefined) {
    if (!pools.some(({ id }) => id === poolId)) complain(`${field}.poolId`, 'must be one of pools');
    return poolId;
  }
  const meant = pools[pool ?? 0];
  if (!meant || (pool === undefined && pools.length > 1))
    complain(`${field}.pool`, 'must be where its pool stands among pools, from 0');
  return meant?.id ?? '';
};

function windowOf(
  { opens, closes }: { opens: LocalTime | undefined; closes: LocalTime | undefined },
  { zone, endsAt }: Around,
  field: string,
  complain: Complain,
): Pick<SoldTier, 'opens' | 'opensAt' | 'closes' | 'closesAt'> {
  const read = (local: LocalTime | undefined, name: string) =>
    readTime(local, zone, `${field}.${name}`, complain);
  const [opensAt, closesAt] = [read(opens, 'opens'), read(closes, 'closes')];
  if (opensAt && closesAt && closesAt <= opensAt) complain(`${field}.closes`, 'must be after opens');
  if (opensAt && endsAt && opensAt >= endsAt) complain(`${field}.opens`, 'must be before the event ends');
  if (closesAt && endsAt && closesAt > endsAt)
    complain(`${field}.closes`, 'must not be after the event ends');
  return {
    ...(opens !== undefined && opensAt && { opens, opensAt }),
    ...(closes !== undefined && closesAt && { closes, closesAt }),
  };
}

/** The moment that is meant; undefined where none is, or none can be, which is said. */
export const readTime = (
  local: LocalTime | undefined,
  zone: string,
  field: string,
  complain: Complain,
): Date | undefined => {
  if (local === undefined) return undefined;
  const moment = momentOf(local, zone);
  if (moment instanceof Date) return moment;
  complain(field, moment);
  return undefined;
};
