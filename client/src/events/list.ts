import { finds, folded } from '@ticketing/common/search';
import type { EventSummary } from '../api/types.ts';
import type { Rules } from '../finding/listing.ts';
import { minorUnits } from '../finding/prices.ts';
import type { Search } from './query.ts';

/** Which events a search finds as they change, and in which order: what begins soonest first. */
export const rulesOf = (search: Search): Rules<EventSummary> => ({
  told: (news) => news,
  newer: (known, news) => (known && known.version > news.version ? known : news),
  // Cancelled, it stays where it is and says so: whoever came for it should know.
  stays: (news) => isWithin(search, news),
  joins: (event) =>
    event.status === 'published' &&
    isWithin(search, event) &&
    isOfKind(search, event) &&
    hasWords(search, event),
  before: (a, b) => (a.startsAt === b.startsAt ? a.id < b.id : a.startsAt < b.startsAt),
});

const isWithin = ({ since, until }: Search, { startsAt, endsAt }: EventSummary) =>
  (since === undefined || Date.parse(endsAt) >= since) &&
  (until === undefined || Date.parse(startsAt) < until);

function isOfKind({ city, category, free, min, max, currency }: Search, event: EventSummary): boolean {
  const prices = event.tiers.map(({ price }) => price);
  const [least, most] = [minorUnits(min, currency), minorUnits(max, currency)];
  const asks = least !== undefined || most !== undefined;
  return (
    (city === '' || folded(city) === folded(event.venue.city)) &&
    (category === '' || category === event.category) &&
    (!free || prices.includes(0)) &&
    (!asks ||
      (event.currency === currency &&
        prices.some((price) => price >= (least ?? 0) && price <= (most ?? Infinity))))
  );
}

/** By what a list shows of it; one that only its description is found by comes with the next reading. */
const hasWords = ({ q }: Search, { title, venue }: EventSummary) =>
  q === '' || finds(q, { title: `${title} ${venue.name} ${venue.city}` });
