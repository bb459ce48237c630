import { fingerprint, ifSame } from '@ticketing/common/idempotency';
import { change, create, type Fresh, type Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import { remember } from '@ticketing/common/remember';
import type { Ports } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import { together } from '@ticketing/common/together';
import type { Credit } from '../credit.ts';
import * as rules from '../domain.ts';
import { type Order, type Ticket, UNBOUGHT, UNPAID } from '../domain.ts';
import { boughtBy, type Customer } from '../domain/buyer.ts';
import { freeSlot, type Holdings, type Limits, NOTHING, remembered, tooMuch } from '../domain/limits.ts';
import { turns } from '@ticketing/common/turns';

export interface PlaceDeps extends Pick<Ports, 'clock' | 'ids' | 'caughtUp' | 'metrics'> {
  Orders: Records<Order>;
  Tickets: Store<Ticket>;
  credit: Pick<Credit, 'take' | 'giveBack'>;
  limits: Limits;
  seenRequired: boolean;
}

/** What is asked for, be it tickets or places of an event. */
export interface Wanted {
  /** By which a repeat under the same key is told from another request. */
  request: object;
  idempotencyKey: string | undefined;
  /** Whether nothing of it is to be paid. */
  isFree: boolean;
  /** Looks at what is on sale and decides. */
  offer(): Promise<Offered | Rejection>;
}

/** What can be had, if nobody was faster. */
export interface Offered {
  saleId: string;
  /** The order as it is tried now, or why it cannot be made; `look` at what others hold before, when something may stand against it. */
  order(look: boolean): Promise<Fresh<Order> | Rejection>;
  /** An index refused that order, or it stands. */
  tried(order: Fresh<Order>, stands: boolean): void;
  /** How often it is tried, and the answer when it was refused each time although it seemed free. */
  attempts?: number;
  crowded?: Rejection;
}

/** So many sales and accounts are remembered at a time. */
const REMEMBERED = 10_000;

/** What a process remembers of its placements: hints, which are never the last word and cost an operation when wrong. */
export const memory = (deps: Pick<PlaceDeps, 'Orders' | 'clock' | 'limits'>) => ({
  /** What an account asks for at once, one after the other, so that its limits fit exactly. */
  inTurn: turns(),
  heldBy: holdings(deps),
  madeUnder: repeats(deps),
  /** Sales of which an index refused an order, and accounts that placed one: who asks for them is looked at first. */
  watched: new Map<string, true>(),
});
export type Memory = ReturnType<typeof memory>;

/** Makes an order, if there is credit for one more; what was not used of it goes back. */
export async function place(
  deps: PlaceDeps,
  memory: Memory,
  customer: Customer,
  wanted: Wanted,
): Promise<Order | Rejection> {
  const { credit, metrics } = deps;
  if (wanted.isFree) return decide(deps, memory, customer, wanted, { may: true, tell: () => undefined });
  const may = credit.take();
  if (!may) metrics.count('orders_held_back_total');
  let made = false as boolean;
  const tell = () => (made = true);
  try {
    return await decide(deps, memory, customer, wanted, { may, tell });
  } finally {
    if (may && !made) credit.giveBack();
  }
}

/**
 * Reads what is on sale, inserts once, and looks again. The unique indexes of the insert are the last word on who has a
 * ticket; the last reads see one that was withdrawn meanwhile, and what else the account holds. Where something may stand
 * against it, that is looked at before as well, so that refusals are cheap.
 */
async function decide(
  deps: PlaceDeps,
  { inTurn, heldBy, madeUnder, watched }: Memory,
  { userId, buyer }: Customer,
  { request, idempotencyKey, offer }: Wanted,
  { may, tell }: { may: boolean; tell(): void },
): Promise<Order | Rejection> {
  const { Orders, clock, limits } = deps;
  const keyed = idempotencyKey !== undefined && { idempotencyKey, requestHash: fingerprint(request) };

  /** A refusal stands only if this very request was not granted before. */
  const unlessRepeated = async (refusal: Rejection): Promise<Order | Rejection> => {
    if (!keyed) return refusal;
    const earlier = await madeUnder(userId, idempotencyKey);
    if (!earlier) return refusal;
    const same = ifSame(earlier, keyed.requestHash);
    if (isRejection(same) || same.version > 0) return same;
    return (await confirm(deps, heldBy, same)) ?? refusal;
  };

  if (!may) return unlessRepeated(PAYING);
  const offered = await offer();
  if (isRejection(offered)) return unlessRepeated(offered);

  return inTurn(userId, async () => {
    for (let attempt = 0; attempt < (offered.attempts ?? ATTEMPTS); attempt++) {
      const mustLook = (at: string) => attempt > 0 || watched.has(at);
      const order = await offered.order(mustLook(offered.saleId));
      if (isRejection(order)) return unlessRepeated(order);
      const slot = await slotFor(order, mustLook(userId));
      if (isRejection(slot)) {
        offered.tried(order, false);
        return unlessRepeated(slot);
      }
      // The empty list: for one release, by which pods of the one before tell an order from a refusal.
      const fresh = {
        ...order,
        ...boughtBy(buyer, order),
        ...keyed,
        ...(slot !== undefined && { slot }),
        outbox: [],
      };
      const made = await create(Orders, fresh, TAKEN);
      offered.tried(order, !isRejection(made));
      remember(watched, isRejection(made) ? order.saleId : userId, true, REMEMBERED);
      if (!isRejection(made)) {
        if (made.status !== 'complete') tell();
        return keep(deps, heldBy, made);
      }
      const repeated = await unlessRepeated(TAKEN);
      if (repeated !== TAKEN) return repeated;
    }
    // Who lost so often may have it in the next moment.
    return offered.crowded ?? TAKEN;
  });

  /** Its place among the account's unpaid orders; undefined for what is complete at once. */
  async function slotFor(order: Fresh<Order>, look: boolean) {
    if (order.status === 'complete') return undefined;
    const held = look ? await heldBy(userId, ticketIdsOf(order)) : NOTHING;
    const slot = tooMuch(order, held, clock.now(), limits) ?? freeSlot(userId, order, held.unpaid, limits);
    return isRejection(slot) ? asAsked(order, slot) : slot;
  }
}

/** Who asked for places named no ticket. */
const asAsked = ({ items }: Pick<Order, 'items'>, refusal: Rejection): Rejection =>
  items.some(({ kind }) => kind === 'place')
    ? { ...refusal, errors: (refusal.errors ?? []).map((error) => ({ ...error, field: 'lines' })) }
    : refusal;

const ticketIdsOf = ({ items }: Pick<Order, 'items'>) => items.map(({ ticketId }) => ticketId);

/** Who loses the race at an index looks who won, and whether they have let go meanwhile. */
const ATTEMPTS = 4;
const TAKEN = reject('conflict', 'Already reserved');
const PAYING = reject('unavailable', 'Many people are paying at the moment; try again shortly', {
  retryAfter: 2,
});

interface Account {
  userId: string;
  ticketIds: readonly string[];
}

/**
 * What an account holds unpaid, and what it lately held of these tickets without buying it: both are few. It is looked up for
 * all who ask at the same time in one operation, which begins after the last of them, and so sees what each inserted before.
 */
function holdings({ Orders, clock, limits }: Pick<PlaceDeps, 'Orders' | 'clock' | 'limits'>) {
  const shared = together(clock);
  const look = async (asked: readonly Account[]): Promise<Holdings[]> => {
    const userId = { $in: [...new Set(asked.map((one) => one.userId))] };
    const since = new Date(clock.now().getTime() - remembered(limits) * 1000);
    const unbought = {
      userId,
      'items.ticketId': { $in: [...new Set(asked.flatMap(({ ticketIds }) => ticketIds))] },
      reason: { $in: UNBOUGHT },
      completedAt: { $exists: false },
      expiresAt: { $gte: since },
    };
    const found = await Orders.find(
      { $or: [{ userId, status: { $in: UNPAID } }, ...(limits.pauseSeconds > 0 ? [unbought] : [])] },
      { projection: HELD },
    );
    const by = Map.groupBy(found, (order) => order.userId);
    return asked.map((one) => {
      const own = by.get(one.userId) ?? [];
      return {
        unpaid: own.filter(({ reason }) => reason === undefined),
        unbought: own.filter(({ reason }) => reason !== undefined),
      };
    });
  };
  return (userId: string, ticketIds: readonly string[]): Promise<Holdings> =>
    shared('held', { userId, ticketIds }, look);
}

/** The order that an account made under a key, looked up for all who ask at the same time in one operation. */
function repeats({ Orders, clock }: Pick<PlaceDeps, 'Orders' | 'clock'>) {
  const shared = together(clock);
  const look = async (asked: readonly { userId: string; idempotencyKey: string }[]) => {
    const found = await Orders.find({ $or: asked });
    const keyOf = (one: Pick<Order, 'userId' | 'idempotencyKey'>) => `${one.userId} ${one.idempotencyKey}`;
    const known = new Map(found.map((order) => [keyOf(order), order]));
    return asked.map((one) => known.get(keyOf(one)));
  };
  return (userId: string, idempotencyKey: string): Promise<Order | undefined> =>
    shared('repeats', { userId, idempotencyKey }, look);
}

const HELD = {
  userId: 1,
  saleId: 1,
  items: 1,
  slot: 1,
  reason: 1,
  createdAt: 1,
  updatedAt: 1,
  expiresAt: 1,
} as const;

/**
 * A ticket may have been withdrawn in the moment of its reservation. And of what an account reserves at once in several
 * processes, each sees all that was inserted before it: so the last one beyond a limit takes itself back, whatever the
 * others do.
 */
async function keep(deps: PlaceDeps, heldBy: Memory['heldBy'], order: Order): Promise<Order | Rejection> {
  if (order.status === 'complete') return order;
  const { withdrawn, refusal } = await lookAgain(deps, heldBy, order);
  if (refusal) {
    const back = await change(deps.Orders, order, rules.takeBack, { guard: { confirmed: { $ne: true } } });
    return isRejection(back) || back.status !== 'cancelled' ? back : asAsked(order, refusal);
  }
  return withdrawn ? change(deps.Orders, order._id, rules.loseTicket) : order;
}

/**
 * A repeat answers for an order that whoever made it may still be counting, or has answered for: only one of both may have the last
 * word. So it never takes an order back, and what it answers for is marked, so that nobody does any more. Where others stand
 * against the order, they may be about to go, or it may: that is soon known. Undefined when it was taken back meanwhile.
 */
async function confirm(
  deps: PlaceDeps,
  heldBy: Memory['heldBy'],
  order: Order,
): Promise<Order | Rejection | undefined> {
  if (order.status === 'complete') return order;
  const { withdrawn, refusal } = await lookAgain(deps, heldBy, order);
  const isYoung = deps.clock.now().getTime() - order.createdAt.getTime() < COUNTING;
  if (refusal && isYoung) return UNDECIDED;
  const { matched } = await deps.Orders.updateOne(
    { _id: order._id, idempotencyKey: order.idempotencyKey },
    { $set: { confirmed: true } },
  );
  if (matched === 0) return undefined;
  return withdrawn ? change(deps.Orders, order._id, rules.loseTicket) : order;
}

const lookAgain = async ({ Tickets, ...deps }: PlaceDeps, heldBy: Memory['heldBy'], order: Order) => {
  const ticketIds = ticketIdsOf(order);
  const listings = order.items.flatMap(({ kind, ticketId }) => (kind === 'place' ? [] : ticketId));
  const [now, held] = await Promise.all([
    listings.length > 0 ? Tickets.find({ _id: { $in: listings } }) : [],
    heldBy(order.userId, ticketIds),
  ]);
  return {
    withdrawn: now.some(({ deletedAt }) => deletedAt),
    refusal: tooMuch(order, held, deps.clock.now(), deps.limits),
  };
};

/** Who made an order has counted after so long, in milliseconds, or died. */
const COUNTING = 10_000;
const UNDECIDED = reject('unavailable', 'The same request is being decided; try again in a moment', {
  retryAfter: 1,
});
