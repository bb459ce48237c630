import { fingerprint, ifSame, KEY_REUSED } from '@ticketing/common/idempotency';
import { change, create, type Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import type { User } from '@ticketing/common/user';
import type { OrderStatus } from '@ticketing/common/contracts/order';
import {
  type Edit,
  edit,
  type Expected,
  holdOf,
  offer,
  type Offer,
  type Ticket,
  withdraw,
} from './domain.ts';

type Deps = Pick<Ports, 'clock' | 'ids'> & { Tickets: Records<Ticket> };
type Seller = Pick<User, 'id' | 'roles'>;

/** Dead holds are remembered longer than any broker or inbox can bring their events again, in milliseconds. */
const HOLD_MEMORY = 30 * 24 * 3600 * 1000;

/** Nobody holds it: holds come without moving `version`, so the write itself asks. */
const FREE = { status: 'available' };

export type Commands = ReturnType<typeof commands>;

/** Every way in which a ticket can change. */
export const commands = ({ Tickets, clock, ids }: Deps) => ({
  async offer(sellerId: string, wanted: Offer, idempotencyKey?: string): Promise<Ticket | Rejection> {
    const sale =
      wanted.saleId === undefined ? null : await Tickets.findOne({ saleId: wanted.saleId, sellerId });
    const ticket = offer(ids.next(), sellerId, wanted, sale);
    if (isRejection(ticket)) return ticket;
    if (idempotencyKey === undefined) return create(Tickets, ticket);
    const requestHash = fingerprint(wanted);
    const made = await create(Tickets, { ...ticket, idempotencyKey, requestHash }, KEY_REUSED);
    if (made !== KEY_REUSED) return made;
    const earlier = await Tickets.findOne({ sellerId, idempotencyKey });
    return earlier ? ifSame(earlier, requestHash) : KEY_REUSED;
  },

  edit: (user: Seller, id: string, changes: Edit, expected?: Expected) =>
    change(Tickets, id, edit(user, changes, expected), { guard: FREE }),

  withdraw: (user: Seller, id: string, expected?: Expected) =>
    change(Tickets, id, withdraw(user, clock.now(), expected), { guard: FREE }),

  /**
   * Notes what an order does to a ticket when the news is newer than what is known of that order, and derives the
   * ticket's status from all orders in the same write: no old news can free or take it.
   */
  async hold(
    ticketId: string,
    order: { id: string; version: number; status: OrderStatus },
  ): Promise<Rejection | undefined> {
    const now = clock.now();
    const { matched } = await Tickets.updateOne({ _id: ticketId }, noteHold(order, now));
    return matched === 0 ? reject('not-found', `There is no ticket ${ticketId}`) : undefined;
  },
});

const noteHold = (
  { id, version, status }: { id: string; version: number; status: OrderStatus },
  now: Date,
) => {
  const known = { $ifNull: [`$holds.${id}.version`, -1] };
  const kept = {
    $filter: {
      input: { $objectToArray: '$holds' },
      cond: {
        $and: [
          { $ne: ['$$this.k', id] },
          { $or: ['$$this.v.live', { $gt: ['$$this.v.at', new Date(now.getTime() - HOLD_MEMORY)] }] },
        ],
      },
    },
  };
  const hold = { k: id, v: { version: { $literal: version }, live: { $literal: holdOf(status) }, at: now } };
  const anyLive = (kind: string) => ({
    $in: [kind, { $map: { input: { $objectToArray: '$holds' }, in: '$$this.v.live' } }],
  });
  const news = (value: unknown, old: string) => ({ $cond: [{ $lt: [known, version] }, value, old] });
  return [
    {
      $set: {
        updatedAt: news(now, '$updatedAt'),
        holds: news({ $arrayToObject: { $concatArrays: [kept, [hold]] } }, '$holds'),
      },
    },
    {
      $set: {
        status: {
          $switch: {
            branches: [
              { case: anyLive('sold'), then: 'sold' },
              { case: anyLive('reserved'), then: 'reserved' },
            ],
            default: 'available',
          },
        },
      },
    },
  ];
};
