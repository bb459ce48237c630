import type { EventView } from '../api/types.ts';
import { isolated, money } from '../ui/format.ts';
import { addressOf } from './address.ts';
import type { Line } from './basket.ts';
import { spanText, zoneCalled } from './times.ts';

/** What somebody who buys has looked at. */
export interface Glimpse {
  when: string;
  where: string;
  /** By tier. */
  prices: Readonly<Record<string, number>>;
}
type Seen = Pick<EventView, 'startsAt' | 'endsAt' | 'zone' | 'venue' | 'tiers' | 'currency'>;

export const glimpseOf = (event: Seen): Glimpse => ({
  when: `${spanText(event, event.zone)} ${zoneCalled(event.zone)}`,
  where: addressOf(event.venue).join(', '),
  prices: Object.fromEntries(event.tiers.map(({ id, price }) => [id, price])),
});

/** The same, with the tiers that have appeared since, as a code opens them. */
export function withNew(seen: Glimpse, event: Seen): Glimpse {
  if (event.tiers.every(({ id }) => id in seen.prices)) return seen;
  return { ...seen, prices: { ...glimpseOf(event).prices, ...seen.prices } };
}

/** What is other than it was when they looked, of what they are about to buy: a sentence each. */
export function changesIn(seen: Glimpse, event: Seen, lines: readonly Pick<Line, 'tierId'>[]): string[] {
  const now = glimpseOf(event);
  const prices = event.tiers.flatMap(({ id, name, price }) => {
    const before = seen.prices[id];
    const isNews = before !== undefined && before !== price && lines.some(({ tierId }) => tierId === id);
    const say = (amount: number) => money(amount, event.currency);
    return isNews ? [`The price of ${isolated(name)} is now ${say(price)}. It was ${say(before)}.`] : [];
  });
  return [
    ...prices,
    ...(now.when === seen.when ? [] : [`It is now on ${now.when}. It was on ${seen.when}.`]),
    ...(now.where === seen.where ? [] : [`It is now at ${isolated(now.where)}. Please look again.`]),
  ];
}
