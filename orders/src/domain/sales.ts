import { dates, firstDay } from './earnings.ts';
import type { KnownEvent } from './places.ts';

/**
 * Places of an event that were sold as one tier in a quarter of an hour: `kept`; `held` by who is just paying; or `gone`, given back
 * since. `from` is null before the days that are told one by one, and of what is not paid.
 */
export interface PlacesSold {
  _id: { tierId: string; from: Date | null; state: 'kept' | 'held' | 'gone' };
  count: number;
  /** What was paid for them here and not given back, what was given back, and what was paid at the box office. */
  amount: number;
  back: number;
  elsewhere: number;
}

const sum = (rows: readonly PlacesSold[], field: 'count' | 'amount' | 'back' | 'elsewhere') =>
  rows.reduce((total, row) => total + row[field], 0);

/** How an event sells: in all, by its tiers, and on each of the last days, by the clocks of its venue. */
export function eventSales(
  rows: readonly PlacesSold[],
  { tiers, currency, zone }: Pick<KnownEvent, 'tiers' | 'currency' | 'zone'>,
  { days, now }: { days: number; now: Date },
) {
  const of = (state: PlacesSold['_id']['state'], some = rows) =>
    some.filter(({ _id }) => _id.state === state);
  const { format } = dates(zone);
  const first = firstDay({ days, zone, now });
  const dated = of('kept').flatMap((row) => (row._id.from ? [{ ...row, date: format(row._id.from) }] : []));
  const byDate = Object.entries(Object.groupBy(dated, ({ date }) => date));
  return {
    currency,
    zone,
    sold: sum(of('kept'), 'count'),
    held: sum(of('held'), 'count'),
    // Also what was not given back of what is gone.
    earned: sum(rows, 'amount'),
    elsewhere: sum(of('kept'), 'elsewhere'),
    refunded: sum(rows, 'back'),
    tiers: tiers.map(({ id }) => {
      const mine = rows.filter(({ _id }) => _id.tierId === id);
      const kept = of('kept', mine);
      return {
        tierId: id,
        sold: sum(kept, 'count'),
        held: sum(of('held', mine), 'count'),
        earned: sum(mine, 'amount'),
        elsewhere: sum(kept, 'elsewhere'),
      };
    }),
    days: byDate
      .filter(([date]) => date >= first)
      .map(([date, some = []]) => ({ date, amount: sum(some, 'amount'), sold: sum(some, 'count') }))
      .sort((a, b) => (a.date < b.date ? -1 : 1)),
  };
}
