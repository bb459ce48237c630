import { LIVE } from '@ticketing/common/contracts/order';
import type { Guesser } from '@ticketing/common/guesses';
import { change } from '@ticketing/common/record';
import { isRejection, reject } from '@ticketing/common/rejection';
import { remember } from '@ticketing/common/remember';
import type { Store } from '@ticketing/common/store';
import type { User } from '@ticketing/common/user';
import type { Customer, Departure } from './domain/buyer.ts';
import type { Ending } from './domain/endings.ts';
import { buyers } from './commands/buyers.ts';
import { endings } from './commands/endings.ts';
import { memory, place } from './commands/place.ts';
import { ofPlaces, type PlacesDeps } from './commands/places.ts';
import { ofTickets, type TicketsWanted } from './commands/tickets.ts';
import * as rules from './domain.ts';
import { type Order, type PaymentNews, UNPAID } from './domain.ts';
import { mayManage, type PlacesWanted } from './domain/places.ts';
import { giveBack, letGo } from './domain/returns.ts';

interface Deps extends PlacesDeps {
  Endings: Store<Ending>;
  Departures: Store<Departure>;
  graceSeconds: number;
  challengeSeconds: number;
  buyerCancelSeconds: number;
}

/** So many orders are remembered at a time. */
const REMEMBERED = 1000;

export type Commands = ReturnType<typeof commands>;

/** Every way in which an order can change. */
export const commands = (deps: Deps) => {
  const { Orders, Tickets, clock, halls, graceSeconds, challengeSeconds, buyerCancelSeconds } = deps;
  const here = memory(deps);
  /** As they were inserted, until their first payment is heard of: most have not changed by then, and need not be read. */
  const placed = new Map<string, Order>();

  /** Ends the live orders of a ticket that was withdrawn in the moment it was reserved. Resolves with how many. */
  const loseTicket = async ({ id, saleId }: { id: string; saleId: string }) => {
    const holders = await Orders.find({ saleId, 'items.ticketId': id, status: { $in: LIVE } });
    for (const { _id } of holders) await change(Orders, _id, rules.loseTicket);
    return holders.length;
  };
  /** What an order lets go of is free at once where it happened. */
  const known = <R extends object>(outcome: Order | R) => {
    if ('saleId' in outcome) halls.know(outcome);
    return outcome;
  };
  const expire = async (id: string) =>
    known(await change(Orders, id, rules.expire(clock.now(), graceSeconds)));
  /** Whether somebody sells for the organizer whose places an order holds. */
  const manages = async (userId: string, { items, saleId }: Pick<Order, 'items' | 'saleId'>) => {
    if (!rules.isOfEvent({ items })) return false;
    const event = await halls.event(saleId);
    return event !== null && mayManage(event, userId);
  };
  const make = async (customer: Customer, wanted: ReturnType<typeof ofTickets>) => {
    const order = await place(deps, here, customer, wanted);
    if (!isRejection(order) && order.version === 0) remember(placed, order._id, order, REMEMBERED);
    return order;
  };

  return {
    ...buyers(deps),
    ...endings(deps),
    manages,

    place: (customer: Customer, wanted: TicketsWanted) =>
      make(customer, ofTickets(deps, customer.userId, wanted)),

    placePlaces: (
      customer: Guesser & Customer,
      wanted: PlacesWanted & { idempotencyKey?: string | undefined },
    ) => make(customer, ofPlaces(deps, customer, wanted)),

    async cancel(user: Pick<User, 'id' | 'roles'>, id: string) {
      const order = await Orders.findOne({ _id: id });
      if (!order) return reject('not-found', 'Not found');
      const team = await manages(user.id, order);
      return known(await change(Orders, order, rules.cancel(user, clock.now(), buyerCancelSeconds, team)));
    },

    /** Takes back some of what a paid order holds: what was paid for it is given back by `payments`. */
    async giveBack(user: Pick<User, 'id' | 'roles'>, id: string, wanted: Parameters<typeof giveBack>[1]) {
      const order = await Orders.findOne({ _id: id });
      if (!order) return reject('not-found', `There is no order ${id}`);
      const team = await manages(user.id, order);
      return known(await change(Orders, order, giveBack(user, wanted, clock.now(), team)));
    },

    /** What its holder gave back at `admissions` leaves the order. */
    letGo: (orderId: string, place: Parameters<typeof letGo>[0]) =>
      change(Orders, orderId, letGo(place, clock.now())).then(known),

    expire,

    hearOfPayment({ id, orderId, ...state }: PaymentNews & { id: string; orderId: string }) {
      const order = placed.get(orderId) ?? orderId;
      placed.delete(orderId);
      const hear = rules.hearOfPayment(id, rules.newsOf(state), clock.now(), challengeSeconds);
      return change(Orders, order, hear).then(known);
    },

    loseTicket,

    /** Expires what is overdue: the fallback behind the timers of `expiration`. Resolves with how many. */
    async expireOverdue() {
      const overdue = await Orders.find(
        { status: { $in: UNPAID }, expiresAt: { $lte: clock.now() } },
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
