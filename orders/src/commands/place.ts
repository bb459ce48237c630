import { LIVE } from '@ticketing/common/contracts/order';
import { fingerprint, ifSame } from '@ticketing/common/idempotency';
import { heardOf } from '@ticketing/common/known';
import { change, create, type Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import type { Credit } from '../credit.ts';
import * as rules from '../domain.ts';
import { type Order, type Seen, type Ticket, UNBOUGHT, UNPAID } from '../domain.ts';
import { freeSlot, type Limits, OFTEN, othersFirst, overLimit, remembered } from '../domain/limits.ts';

export interface PlaceDeps extends Pick<Ports, 'clock' | 'ids' | 'caughtUp' | 'metrics'> {
  Orders: Records<Order>;
  Tickets: Store<Ticket>;
  credit: Pick<Credit, 'left' | 'spend'>;
  limits: Limits;
  seenRequired: boolean;
}

export interface Wanted {
  ticketIds: readonly string[];
  seen: readonly Seen[];
  idempotencyKey?: string | undefined;
}

/** Runs what has the same key one after the other: what an account asks for at once, so that its limits fit exactly. */
export function turns() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(key);
    const mine = (before ?? Promise.resolve()).then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
type InTurn = ReturnType<typeof turns>;

/**
 * Reads what is on sale and who holds it, inserts once, and looks again. The first reads answer the losers of a race
 * cheaply; the unique indexes of the insert are the race's last word; the last reads see a ticket that was withdrawn
 * meanwhile, and what the account reserved elsewhere in the same moment.
 */
export async function place(
  deps: PlaceDeps,
  inTurn: InTurn,
  userId: string,
  { ticketIds, seen, idempotencyKey }: Wanted,
): Promise<Order | Rejection> {
  const { Orders, clock, credit, ids, limits, metrics } = deps;
  const keyed = idempotencyKey !== undefined && {
    idempotencyKey,
    requestHash: fingerprint({ ticketIds, seen }),
  };

  /** A refusal stands only if this very request was not granted before. */
  const unlessRepeated = async (refusal: Rejection): Promise<Order | Rejection> => {
    if (!keyed) return refusal;
    const earlier = await Orders.findOne({ userId, idempotencyKey });
    return earlier ? ifSame(earlier, keyed.requestHash) : refusal;
  };
  const holders = (saleId: string) =>
    Orders.find(
      { saleId, 'items.ticketId': { $in: ticketIds }, status: { $in: LIVE } },
      { projection: { items: 1 } },
    );

  if (!credit.left()) {
    metrics.count('orders_held_back_total');
    return unlessRepeated(PAYING);
  }
  const blind = deps.seenRequired && rules.mustSee(ticketIds, seen);
  if (blind) return unlessRepeated(blind);
  const onSale = await load(deps, ticketIds);
  if (isRejection(onSale)) return unlessRepeated(onSale);
  const order = rules.place({
    id: ids.next(),
    userId,
    ticketIds,
    seen,
    onSale,
    now: clock.now(),
    holdSeconds: limits.holdSeconds,
  });
  if (isRejection(order)) return unlessRepeated(order);

  const fresh = { ...order, ...keyed };
  return inTurn(userId, async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const taken = await holders(order.saleId);
      if (taken.length > 0) return unlessRepeated(rules.alreadyReserved(ticketIds, taken));
      const [unpaid, unbought] = await Promise.all([
        unpaidOf(deps, userId),
        unboughtOf(deps, userId, ticketIds),
      ]);
      const refusal =
        overLimit(order, unpaid, limits) ?? othersFirst(ticketIds, unbought, clock.now(), limits);
      const slot = refusal ?? freeSlot(userId, order, unpaid, limits);
      if (isRejection(slot)) return unlessRepeated(slot);
      // The empty list: for one release, by which pods of the one before tell an order from a refusal.
      const made = await create(Orders, { ...fresh, slot, outbox: [] }, TAKEN);
      if (!isRejection(made)) {
        credit.spend();
        return keep(deps, made);
      }
      const repeated = await unlessRepeated(TAKEN);
      if (repeated !== TAKEN) return repeated;
    }
    return TAKEN;
  });
}

/** Who loses the race at an index looks again who won, and whether they have let go meanwhile. */
const ATTEMPTS = 3;
const TAKEN = reject('conflict', 'Already reserved');
const PAYING = reject('unavailable', 'Many people are paying at the moment; try again shortly', {
  retryAfter: 2,
});

const unpaidOf = ({ Orders }: Pick<PlaceDeps, 'Orders'>, userId: string) =>
  Orders.find({ userId, status: { $in: UNPAID } }, { projection: { saleId: 1, items: 1, slot: 1 } });

/** The newest of the orders in which an account lately held one of these tickets without buying it. */
const unboughtOf = async (
  { Orders, clock, limits }: PlaceDeps,
  userId: string,
  ticketIds: readonly string[],
) => {
  if (limits.pauseSeconds === 0) return [];
  const since = new Date(clock.now().getTime() - remembered(limits) * 1000);
  return Orders.find(
    {
      userId,
      'items.ticketId': { $in: ticketIds },
      reason: { $in: UNBOUGHT },
      completedAt: { $exists: false },
      expiresAt: { $gte: since },
    },
    {
      sort: { expiresAt: -1 },
      limit: OFTEN * ticketIds.length,
      projection: { items: 1, createdAt: 1, updatedAt: 1, expiresAt: 1 },
    },
  );
};

/**
 * A ticket may have been withdrawn in the moment of its reservation. And of what an account reserves at once in several
 * processes, each sees all that was inserted before it: so the last one beyond a limit takes itself back, whatever the
 * others do.
 */
async function keep({ Tickets, ...deps }: PlaceDeps, order: Order): Promise<Order | Rejection> {
  const ticketIds = order.items.map(({ ticketId }) => ticketId);
  const [now, unpaid] = await Promise.all([
    Tickets.find({ _id: { $in: ticketIds } }),
    unpaidOf(deps, order.userId),
  ]);
  const refusal = overLimit(order, unpaid, deps.limits);
  if (refusal) {
    const back = await change(deps.Orders, order, rules.takeBack);
    return isRejection(back) || back.status !== 'cancelled' ? back : refusal;
  }
  if (!now.some(({ deletedAt }) => deletedAt)) return order;
  return change(deps.Orders, order._id, rules.loseTicket);
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
