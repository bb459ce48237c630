import { beyond, type Cursor, inOrder } from '@ticketing/common/http/page';
import type { Filter, Store } from '@ticketing/common/store';
import type { Ticket, TicketStatus } from '../domain.ts';
import type { SORTS } from './list.ts';
import { INTERNAL } from './views.ts';

/** Sales come in two parts: those of which something can be had before the others. */
const PARTS = [['available'], ['reserved', 'sold']] as const satisfies TicketStatus[][];

/** Tickets read in one go while several of them stand for one sale. */
const READ = 200;
/** Tickets looked at in one go, of the sales that they belong to; of a larger sale the newest. */
const LOOK = 2000;
/** So often is read on for one page: one of large sales may be shorter, and the next goes on. */
const ROUNDS = 6;
/** So many tickets are counted. */
const COUNTED = 1000;

/** Which tickets are looked for, in which order. */
export interface Wanted {
  /** Whatever their status. */
  filter: Filter;
  statuses: readonly TicketStatus[];
  by: (typeof SORTS)[keyof typeof SORTS];
}

/** Where a page begins: in one of the parts, after a ticket. */
export interface Place {
  part: number;
  after?: Cursor | undefined;
}

/** What one seller offers together, of what is looked for. */
export interface Sale extends Counted {
  /** The one that comes first. */
  ticket: Ticket;
}

interface Counted {
  /** As it stands: available while something is left, reserved while something may come back. */
  status: TicketStatus;
  /** What is available, and all. */
  left: number;
  of: number;
  /** Between which prices something is available. */
  from?: number;
  to?: number;
}

type Looked = Pick<Ticket, '_id' | 'saleId' | 'status' | 'price'>;
const LOOKED = { saleId: 1, status: 1, price: 1 } as const;

type Summed = Counted & { first?: Looked | undefined };

/** Lists of sales, for which nothing is kept: a ticket that comes before all others of its sale stands for it. */
export const sales = (Tickets: Pick<Store<Ticket>, 'find' | 'aggregate'>) => {
  /** As many of the first of these sales as can be looked at in one go. */
  const look = async (wanted: Wanted, ids: readonly string[]): Promise<Map<string, Summed>> => {
    const found: Looked[] = await Tickets.find(
      { ...wanted.filter, saleId: { $in: ids } },
      { sort: { saleId: 1, _id: -1 }, limit: LOOK, projection: LOOKED },
    );
    if (found.length === LOOK && ids.length > 1) return look(wanted, ids.slice(0, ids.length >> 1));
    const sales = Map.groupBy(found, ({ saleId }) => saleId);
    return new Map(ids.map((id) => [id, summed(sales.get(id) ?? [], wanted)]));
  };

  return {
    /** A page of them, and where the next one begins. */
    async page(
      wanted: Wanted,
      limit: number,
      { part, after }: Place,
    ): Promise<{ page: Sale[]; next?: Place }> {
      const { filter, statuses, by } = wanted;
      const order = ahead(by);
      const page: Sale[] = [];
      const seen = new Set<string>();
      let count = limit + 1;
      for (let round = 0; part < PARTS.length && round < ROUNDS; round++) {
        const now = PARTS[part]?.filter((status) => statuses.includes(status)) ?? [];
        const others = seen.size > 0 && { saleId: { $nin: [...seen] } };
        const pieces = await Promise.all(
          (now.length > 0 ? behind(after, by) : []).map((bound) =>
            Tickets.find(
              { $and: [{ ...filter, status: { $in: now }, ...others }, bound] },
              { sort: inOrder(by), limit: count, projection: INTERNAL },
            ),
          ),
        );
        const found = pieces.flat().slice(0, count);
        const ids = [...new Set(found.map(({ saleId }) => saleId))];
        const known = ids.length > 0 ? await look(wanted, ids) : new Map<string, Summed>();
        for (const ticket of found) {
          const sale = known.get(ticket.saleId);
          const stands = sale?.first?._id === ticket._id;
          if (!sale || (stands && page.length === limit)) return { page, next: { part, after } };
          if (stands) page.push(told(ticket, sale));
          after = [ticket[by.field], ticket._id];
          // One that was held in between comes where it stands now.
          if (sale.first && order(sale.first, ticket) <= 0) seen.add(ticket.saleId);
        }
        if (found.length === count) count = READ;
        else {
          [part, after] = [part + 1, undefined];
          count = limit - page.length + 1;
        }
      }
      return { page, ...(part < PARTS.length && { next: { part, after } }) };
    },

    /** Those of these that there are still, in order. */
    async only(wanted: Wanted, ids: readonly string[]): Promise<Sale[]> {
      const known = new Map<string, Summed>();
      while (known.size < ids.length)
        for (const [id, sale] of await look(wanted, ids.slice(known.size))) known.set(id, sale);
      const order = ahead(wanted.by);
      const firsts = [...known.values()].flatMap(({ first }) => first ?? []).sort(order);
      const tickets = await Tickets.find(
        { _id: { $in: firsts.map(({ _id }) => _id) } },
        { projection: INTERNAL },
      );
      return tickets.flatMap((ticket) => {
        const sale = known.get(ticket.saleId);
        return ticket.deletedAt || !sale ? [] : [told(ticket, sale)];
      });
    },

    /** How many there are, at least: of more tickets than can be counted there are `more`. */
    async count({ filter, statuses, by }: Wanted): Promise<{ count: number; more: boolean }> {
      const [found] = (await Tickets.aggregate([
        { $match: { ...filter, status: { $in: statuses } } },
        { $sort: inOrder(by) },
        { $limit: COUNTED + 1 },
        { $group: { _id: '$saleId', tickets: { $sum: 1 } } },
        { $group: { _id: null, sales: { $sum: 1 }, tickets: { $sum: '$tickets' } } },
      ])) as { sales: number; tickets: number }[];
      if (!found) return { count: 0, more: false };
      return { count: Math.min(found.sales, COUNTED), more: found.tickets > COUNTED };
    },
  };
};

/**
 * What comes after a ticket, in pieces: those of its price, then those of others. Of an `$or` beside a status the database makes no
 * bounds of an index, and would pass over all the pages before.
 */
const behind = (after: Cursor | undefined, by: Wanted['by']): Filter[] => {
  if (!after) return [{}];
  const rest = beyond(after, by);
  return rest['$or'] ? (rest['$or'] as Filter[]).toReversed() : [rest];
};

const ahead =
  ({ field, direction }: Wanted['by']) =>
  (a: Looked, b: Looked): number => {
    const parts = partOf(a) - partOf(b);
    if (parts !== 0) return parts;
    if (a[field] !== b[field]) return a[field] < b[field] ? -direction : direction;
    return a._id < b._id ? -direction : direction;
  };
const partOf = ({ status }: Looked) => (status === 'available' ? 0 : 1);

function summed(tickets: readonly Looked[], { statuses, by }: Wanted): Summed {
  const are = (wanted: TicketStatus) => tickets.filter(({ status }) => status === wanted);
  const prices = are('available').map(({ price }) => price);
  const [first] = tickets.filter(({ status }) => statuses.includes(status)).sort(ahead(by));
  return {
    first,
    status: prices.length > 0 ? 'available' : are('reserved').length > 0 ? 'reserved' : 'sold',
    left: prices.length,
    of: tickets.length,
    ...(prices.length > 0 && { from: Math.min(...prices), to: Math.max(...prices) }),
  };
}

/** A hold may have come in between: it is as it was when all were looked at. */
const told = (ticket: Ticket, { first, ...sale }: Summed): Sale => ({
  ...sale,
  ticket: { ...ticket, ...(first && { status: first.status, price: first.price }) },
});
