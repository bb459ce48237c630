import { LIVE } from '@ticketing/common/contracts/order';
import { change } from '@ticketing/common/record';
import type { User } from '@ticketing/common/user';
import { place, type PlaceDeps, turns, type Wanted } from './commands/place.ts';
import * as rules from './domain.ts';
import { type PaymentNews, UNPAID } from './domain.ts';

interface Deps extends PlaceDeps {
  graceSeconds: number;
  challengeSeconds: number;
  buyerCancelSeconds: number;
}

export type Commands = ReturnType<typeof commands>;

/** Every way in which an order can change. */
export const commands = (deps: Deps) => {
  const { Orders, Tickets, clock, graceSeconds, challengeSeconds, buyerCancelSeconds } = deps;
  const inTurn = turns();

  /** Ends the live orders of a ticket that was withdrawn in the moment it was reserved. Resolves with how many. */
  const loseTicket = async ({ id, saleId }: { id: string; saleId: string }) => {
    const holders = await Orders.find({ saleId, 'items.ticketId': id, status: { $in: LIVE } });
    for (const { _id } of holders) await change(Orders, _id, rules.loseTicket);
    return holders.length;
  };
  const expire = (id: string) => change(Orders, id, rules.expire(clock.now(), graceSeconds));

  return {
    place: (userId: string, wanted: Wanted) => place(deps, inTurn, userId, wanted),

    cancel: (user: Pick<User, 'id' | 'roles'>, id: string) =>
      change(Orders, id, rules.cancel(user, clock.now(), buyerCancelSeconds)),

    expire,

    hearOfPayment: ({ id, orderId, ...state }: PaymentNews & { id: string; orderId: string }) =>
      change(Orders, orderId, rules.hearOfPayment(id, rules.newsOf(state), clock.now(), challengeSeconds)),

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
