import { serverNow } from '../api/clock.ts';
import type { Sale, Ticket } from '../api/types.ts';
import { placeIn, type Rules } from '../finding/listing.ts';
import { hasPrice, hasWords, type Search, type SortName } from './query.ts';

const BEFORE: Record<SortName, (a: Ticket, b: Ticket) => boolean> = {
  newest: (a, b) => a.id > b.id,
  oldest: (a, b) => a.id < b.id,
  cheapest: (a, b) => (a.price === b.price ? a.id < b.id : a.price < b.price),
  dearest: (a, b) => (a.price === b.price ? a.id > b.id : a.price > b.price),
};

export const isOver = ({ date }: Pick<Ticket, 'date'>, now: number): boolean =>
  date !== undefined && Date.parse(date.at) <= now;

/**
 * Which sales a search finds as tickets change, and in which order. News of a ticket that is sold alone say all of its sale;
 * of one among several they say that there is something to ask for.
 */
export const rulesOf = (search: Search, now: () => number = serverNow): Rules<Sale, Ticket> => {
  const fits = (ticket: Ticket, known?: Ticket) =>
    !ticket.deleted &&
    !isOver(ticket, now()) &&
    hasPrice(search, ticket) &&
    // What the API found once is judged again only where it changed.
    ((known && SEARCHED.every((field) => ticket[field] === known[field])) || hasWords(search, ticket));
  const joins = ({ of, left }: Sale) => of > 0 && (left > 0 || !search.available);
  const before = (a: Sale, b: Sale) =>
    a.left > 0 === b.left > 0 ? BEFORE[search.sort](a.ticket, b.ticket) : a.left > 0;
  return {
    told: (news, { items }) =>
      news.flatMap((ticket) => {
        const known = saleOf(ticket, items);
        if (!isAlone(ticket, known)) return [];
        return fits(ticket, known?.ticket) ? alone(ticket) : gone(ticket);
      }),
    unsure: (news, { items, next }) =>
      news.flatMap((ticket) => {
        const known = saleOf(ticket, items);
        if (isAlone(ticket, known)) return [];
        const one = alone(ticket);
        const isNear = next === undefined || placeIn(items, one, before) < items.length;
        return known || (fits(ticket) && joins(one) && isNear) ? gone(ticket) : [];
      }),
    // A hold changes a ticket without a new version, so its time tells. What was asked for is the newest by itself.
    newer: (known, news) =>
      known && isAlone(news.ticket, known) && news.of < 2 && known.ticket.updatedAt > news.ticket.updatedAt
        ? known
        : news,
    stays: ({ of }) => of > 0,
    joins,
    before,
  };
};

const SEARCHED = ['title', 'event', 'place', 'description'] as const;

const saleOf = ({ saleId }: Ticket, sales: readonly Sale[]) => sales.find(({ id }) => id === saleId);

/** Whether its sale is known to be of it alone; one that was just put on sale as the first of its sale is. */
const isAlone = (ticket: Ticket, known: Sale | undefined) =>
  known
    ? known.of === 1 && known.ticket.id === ticket.id
    : ticket.id === ticket.saleId && ticket.createdAt === ticket.updatedAt;

const alone = (ticket: Ticket): Sale => {
  const { saleId: id, status, price } = ticket;
  const isLeft = status === 'available';
  return { id, ticket, status, of: 1, left: isLeft ? 1 : 0, ...(isLeft && { from: price, to: price }) };
};

/** A sale of which nothing is to be found any more. */
const gone = (ticket: Ticket): Sale => ({ ...alone(ticket), left: 0, of: 0 });
