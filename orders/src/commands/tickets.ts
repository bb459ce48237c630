import { LIVE } from '@ticketing/common/contracts/order';
import { heardOf } from '@ticketing/common/known';
import { isRejection, type Rejection } from '@ticketing/common/rejection';
import * as rules from '../domain.ts';
import type { Seen, Ticket } from '../domain.ts';
import type { PlaceDeps, Wanted } from './place.ts';

/** An order of tickets that people sell to each other. */
export const ofTickets = (
  deps: PlaceDeps,
  userId: string,
  { ticketIds, seen, idempotencyKey }: TicketsWanted,
): Wanted => ({
  request: { ticketIds, seen },
  idempotencyKey,
  isFree: false,
  async offer() {
    const { Orders, clock, ids, limits } = deps;
    const blind = deps.seenRequired && rules.mustSee(ticketIds, seen);
    if (blind) return blind;
    const onSale = await load(deps, ticketIds);
    if (isRejection(onSale)) return onSale;
    const order = rules.place({
      id: ids.next(),
      userId,
      ticketIds,
      seen,
      onSale,
      now: clock.now(),
      holdSeconds: limits.holdSeconds,
    });
    if (isRejection(order)) return order;
    const { saleId } = order;
    return {
      saleId,
      tried: () => undefined,
      async order(look) {
        const held = { saleId, 'items.ticketId': { $in: ticketIds }, status: { $in: LIVE } };
        const holders = look ? await Orders.find(held, { projection: { items: 1 } }) : [];
        return holders.length > 0 ? rules.alreadyReserved(ticketIds, holders) : order;
      },
    };
  },
});

export interface TicketsWanted {
  ticketIds: readonly string[];
  seen: readonly Seen[];
  idempotencyKey?: string | undefined;
}

async function load(
  { Tickets, ...ports }: PlaceDeps,
  ticketIds: readonly string[],
): Promise<Ticket[] | Rejection> {
  const found = await Tickets.find({ _id: { $in: ticketIds } });
  const known = new Set(found.map(({ _id }) => _id));
  const missing = ticketIds.find((id) => !known.has(id));
  if (missing === undefined) return found;
  return heardOf(
    'ticket',
    missing,
    async () => {
      const all = await Tickets.find({ _id: { $in: ticketIds } });
      return all.length === ticketIds.length ? all : null;
    },
    ports,
  );
}
