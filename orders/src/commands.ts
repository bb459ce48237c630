import { LIVE } from '@ticketing/common/contracts/order';
import type { User } from '@ticketing/common/user';
import { fingerprint, ifSame } from '@ticketing/common/idempotency';
import { heardOf } from '@ticketing/common/known';
import { change, create, type Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import * as rules from './domain.ts';
import type { Order, PaymentNews, Seen, Ticket } from './domain.ts';

interface Deps extends Pick<Ports, 'clock' | 'ids' | 'caughtUp'> {
  Orders: Records<Order>;
  Tickets: Store<Ticket>;
  holdSeconds: number;
  graceSeconds: number;
  buyerCancelSeconds: number;
}

export interface Wanted {
  ticketIds: readonly string[];
  seen: readonly Seen[];
  idempotencyKey?: string | undefined;
}

export type Commands = ReturnType<typeof commands>;

/** Every way in which an order can change. */
export const commands = (deps: Deps) => {
  const { Orders, Tickets, clock, graceSeconds, buyerCancelSeconds } = deps;

  /** Ends the live orders of a ticket that was withdrawn in the moment it was reserved. Resolves with how many. */
  const loseTicket = async ({ id, saleId }: { id: string; saleId: string }) => {
    const holders = await Orders.find({ saleId, 'items.ticketId': id, status: { $in: LIVE } });
    for (const { _id } of holders) await change(Orders, _id, rules.loseTicket);
    return holders.length;
  };
  const expire = (id: string) => change(Orders, id, rules.expire(clock.now(), graceSeconds));

  return {
    place: (userId: string, wanted: Wanted) => place(deps, userId, wanted),

    cancel: (user: Pick<User, 'id' | 'roles'>, id: string) =>
      change(Orders, id, rules.cancel(user, clock.now(), buyerCancelSeconds)),

    expire,

    hearOfPayment: ({ id, orderId, ...state }: PaymentNews & { id: string; orderId: string }) =>
      change(Orders, orderId, rules.hearOfPayment(id, rules.newsOf(state), clock.now())),

    loseTicket,

    /** Expires what is overdue: the fallback behind the timers of `expiration`. Resolves with how many. */
    async expireOverdue() {
      const overdue = await Orders.find(
        { status: { $in: ['created', 'awaiting:payment'] }, expiresAt: { $lte: clock.now() } },
        { sort: { expiresAt: 1 }, limit: 100, projection: { _id: 1 } },
      );
      for (const { _id } of overdue) await expire(_id);
      return overdue.length;
    },

    /** Looks once more for live orders of tickets that were withdrawn lately. Resolves with how many it ended. */
    async sweepWithdrawn() {
      const since = new Date(clock.now().getTime() - 3600_000);
      const withdrawn = await Tickets.find({ deletedAt: { $gte: since } }, { limit: 1000 });
      let ended = 0;
      for (const { _id, saleId } of withdrawn) ended += await loseTicket({ id: _id, saleId });
      return ended;
    },
  };
};

/**
 * Two reads and one insert. The first reads load the tickets and answer the losers of a race cheaply; the unique
 * index of the insert is the race's last word; the last read sees a ticket that was withdrawn meanwhile.
 */
async function place(
  deps: Deps,
  userId: string,
  { ticketIds, seen, idempotencyKey }: Wanted,
): Promise<Order | Rejection> {
  const { Orders, clock, ids, holdSeconds } = deps;
  const requestHash = fingerprint({ ticketIds, seen });

  /** A refusal stands only if this very request was not granted before. */
  const unlessRepeated = async (refusal: Rejection): Promise<Order | Rejection> => {
    if (idempotencyKey === undefined) return refusal;
    const earlier = await Orders.findOne({ userId, idempotencyKey });
    return earlier ? ifSame(earlier, requestHash) : refusal;
  };
  const holders = (saleId: string) =>
    Orders.find(
      { saleId, 'items.ticketId': { $in: ticketIds }, status: { $in: LIVE } },
      { projection: { items: 1 } },
    );

  const onSale = await load(deps, ticketIds);
  if (isRejection(onSale)) return unlessRepeated(onSale);
  const order = rules.place({
    id: ids.next(),
    userId,
    ticketIds,
    seen,
    onSale,
    now: clock.now(),
    holdSeconds,
  });
  if (isRejection(order)) return unlessRepeated(order);

  const fresh = { ...order, ...(idempotencyKey !== undefined && { idempotencyKey, requestHash }) };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const taken = await holders(order.saleId);
    if (taken.length > 0) return unlessRepeated(rules.alreadyReserved(ticketIds, taken));
    const made = await create(Orders, fresh, TAKEN);
    if (!isRejection(made)) return unlessWithdrawn(deps, made);
    const repeated = await unlessRepeated(TAKEN);
    if (repeated !== TAKEN) return repeated;
  }
  return TAKEN;
}

/** Who loses the race at the index looks again who won, and whether they have let go meanwhile. */
const ATTEMPTS = 3;
const TAKEN = reject('conflict', 'Already reserved');

/** A ticket may have been withdrawn in the moment of its reservation. */
async function unlessWithdrawn({ Orders, Tickets }: Deps, order: Order): Promise<Order | Rejection> {
  const ticketIds = order.items.map(({ ticketId }) => ticketId);
  const now = await Tickets.find({ _id: { $in: ticketIds } });
  if (!now.some(({ deletedAt }) => deletedAt)) return order;
  return change(Orders, order._id, rules.loseTicket);
}

async function load(
  { Tickets, ...ports }: Deps,
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
