import type { Ticket } from '../api/types.ts';
import type { Rules } from '../finding/listing.ts';
import { newer } from '../tickets/newer.ts';
import { hasPrice, hasWords, type Search, type SortName } from './query.ts';

const BEFORE: Record<SortName, (a: Ticket, b: Ticket) => boolean> = {
  newest: (a, b) => a.id > b.id,
  oldest: (a, b) => a.id < b.id,
  cheapest: (a, b) => (a.price === b.price ? a.id < b.id : a.price < b.price),
  dearest: (a, b) => (a.price === b.price ? a.id > b.id : a.price > b.price),
};

/** Which tickets a search finds as they change, and in which order. */
export const rulesOf = (search: Search): Rules<Ticket> => ({
  newer,
  stays(news, known) {
    // What the API found once is judged again only where it changed.
    const same = news.title === known.title && news.description === known.description;
    return !news.deleted && hasPrice(search, news) && (same || hasWords(search, news));
  },
  joins: (ticket) =>
    !ticket.deleted &&
    hasPrice(search, ticket) &&
    hasWords(search, ticket) &&
    !(search.available && ticket.status !== 'available'),
  before: BEFORE[search.sort],
});
