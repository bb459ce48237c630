import type { Ticket } from '../api/types.ts';
import { newer } from '../tickets/newer.ts';
import { hasPrice, hasWords, type Search, type SortName } from './query.ts';

/** What of the market the page has: its first tickets in the order that was asked for. */
export interface Listing {
  tickets: readonly Ticket[];
  /** The path of what comes after them. */
  next: string | undefined;
}

const BEFORE: Record<SortName, (a: Ticket, b: Ticket) => boolean> = {
  newest: (a, b) => a.id > b.id,
  oldest: (a, b) => a.id < b.id,
  cheapest: (a, b) => (a.price === b.price ? a.id < b.id : a.price < b.price),
  dearest: (a, b) => (a.price === b.price ? a.id > b.id : a.price > b.price),
};

/** More of the list, behind what is there; what came meanwhile by the stream stays where it is. */
export function append({ tickets }: Listing, more: readonly Ticket[], next: string | undefined): Listing {
  const known = new Set(tickets.map(({ id }) => id));
  return { tickets: [...tickets, ...more.filter(({ id }) => !known.has(id))], next };
}

/**
 * What changed in the market, taken into the list. A ticket that is there keeps its place as long as it belongs to the
 * list, so that nothing moves under a finger; one that was not joins where it belongs, if the list reaches so far.
 */
export function take(listing: Listing, changes: readonly Ticket[], search: Search): Listing {
  const news = new Map<string, Ticket>();
  for (const change of changes) news.set(change.id, newer(news.get(change.id), change));
  const kept = listing.tickets.flatMap((ticket) => {
    const change = news.get(ticket.id);
    if (!change) return [ticket];
    news.delete(ticket.id);
    // What the API found once is judged again only where it changed.
    const same = change.title === ticket.title && change.description === ticket.description;
    if (change.deleted || !hasPrice(search, change) || !(same || hasWords(search, change))) return [];
    return [newer(ticket, change)];
  });
  const before = BEFORE[search.sort];
  for (const ticket of news.values()) {
    if (ticket.deleted || !hasPrice(search, ticket) || !hasWords(search, ticket)) continue;
    if (search.available && ticket.status !== 'available') continue;
    const place = kept.findIndex((other) => before(ticket, other));
    if (place >= 0) kept.splice(place, 0, ticket);
    else if (listing.next === undefined) kept.push(ticket);
  }
  return { tickets: kept, next: listing.next };
}
