/** How many tickets were sold in a quarter of an hour and for how much in a currency: `kept`, or given back since. */
export interface Sales {
  /** `from` is null for all of the time before the days that are told one by one. */
  _id: { from: Date | null; kept: boolean; currency: string };
  /** Of what is kept, without what went back; of what left an order, what was not given back. */
  amount: number;
  /** What went back although the rest is kept, and for what left. */
  back: number;
  sold: number;
}

interface Asked {
  days: number;
  /** Whose days, by its IANA name. */
  zone: string;
  /** The market's. */
  currency: string;
  now: Date;
}

const DAY = 24 * 3600_000;

/** No later than the first moment of the days, in whichever zone they are. */
export const since = ({ days, now }: Pick<Asked, 'days' | 'now'>): Date =>
  new Date(now.getTime() - (days + 1) * DAY);

/** Says which day it is in a zone: Swedish writes dates as ISO 8601 does. */
export const dates = (timeZone: string) => new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });

/** The first of so many days; by the calendar, as a day on which clocks change has 23 or 25 hours. */
export const firstDay = ({ days, zone, now }: Pick<Asked, 'days' | 'zone' | 'now'>): string =>
  new Date(Date.parse(dates(zone).format(now)) - (days - 1) * DAY).toISOString().slice(0, 10);

/** What a seller earned in the market's currency, and apart from that in each other: one is never added to another. */
export function earnings(sales: readonly Sales[], asked: Asked) {
  const { [asked.currency]: ours = [], ...others } = Object.groupBy(sales, ({ _id }) => _id.currency);
  return {
    ...earned(ours, asked),
    others: Object.entries(others)
      .sort()
      .map(([currency, rows = []]) => earned(rows, { ...asked, currency })),
  };
}

/** In all, and on each of the last so many days on which something was sold. */
function earned(sales: readonly Sales[], { days, zone, currency, now }: Asked) {
  const { format } = dates(zone);
  const first = firstDay({ days, zone, now });
  const sum = (rows: readonly Sales[], field: 'amount' | 'back' | 'sold') =>
    rows.reduce((total, row) => total + row[field], 0);
  const kept = sales.filter(({ _id }) => _id.kept);
  const dated = kept.flatMap((row) => (row._id.from ? [{ ...row, date: format(row._id.from) }] : []));
  const byDate = Object.entries(Object.groupBy(dated, ({ date }) => date));
  return {
    currency,
    earned: sum(kept, 'amount'),
    sold: sum(kept, 'sold'),
    refunded: sum(sales, 'amount') - sum(kept, 'amount') + sum(sales, 'back'),
    days: byDate
      .filter(([date]) => date >= first)
      .map(([date, rows = []]) => ({ date, amount: sum(rows, 'amount'), sold: sum(rows, 'sold') }))
      .sort((a, b) => (a.date < b.date ? -1 : 1)),
  };
}
