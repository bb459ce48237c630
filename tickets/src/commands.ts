import { fingerprint, ifSame, KEY_REUSED } from '@ticketing/common/idempotency';
import { change, create, type Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import type { User } from '@ticketing/common/user';
import type { OrderStatus } from '@ticketing/common/contracts/order';
import {
  type Bought,
  dateOf,
  type Edit,
  edit,
  type Expected,
  holdOf,
  MOST_OF_SALE,
  type KnownAccount,
  offer,
  type Offer,
  saying,
  SEARCHED_FIELDS,
  type Ticket,
  type TicketDate,
  type WantedDate,
  withdraw,
  wordsOf,
} from './domain.ts';
import { sellers } from './sellers.ts';

type Deps = Pick<Ports, 'clock' | 'ids'> & {
  Tickets: Records<Ticket>;
  Accounts: Pick<Store<KnownAccount>, 'findOne'>;
  currency: string;
};
type Seller = Pick<User, 'id' | 'roles'>;

/** Dead holds are remembered longer than any broker or inbox can bring their events again, in milliseconds. */
const HOLD_MEMORY = 30 * 24 * 3600 * 1000;

/** Tickets that get their keys in one go, so that a market of millions does not keep its database from all else. */
const AT_ONCE = 500;

/** Nobody holds it: holds come without moving `version`, so the write itself asks. */
const FREE = { status: 'available' };

export type Commands = ReturnType<typeof commands>;

/** Every way in which a ticket can change. */
export const commands = ({ Tickets, Accounts, clock, ids, currency }: Deps) => {
  const { callSeller, called } = sellers({ Tickets, Accounts, clock });
  /** A sale of this seller, with how many tickets are on it. */
  const saleOf = async (saleId: string, sellerId: string) => {
    const one = await Tickets.findOne({ saleId, sellerId });
    if (!one) return null;
    const all = await Tickets.find(
      { saleId, deletedAt: null },
      { limit: MOST_OF_SALE, projection: { _id: 1 } },
    );
    return { ...one, of: all.length };
  };
  return {
    async offer(
      sellerId: string,
      wanted: Meant<Offer>,
      idempotencyKey?: string,
    ): Promise<Ticket | Rejection> {
      const date = read(wanted.date, clock.now());
      if (isRejection(date)) return date;
      const sale = wanted.saleId === undefined ? null : await saleOf(wanted.saleId, sellerId);
      const ticket = offer(ids.next(), sellerId, { ...wanted, date }, sale, currency);
      if (isRejection(ticket)) return ticket;
      if (idempotencyKey === undefined)
        return called(sellerId, (name) => create(Tickets, { ...ticket, ...name }));
      const requestHash = fingerprint(wanted);
      const made = await called(sellerId, (name) =>
        create(Tickets, { ...ticket, ...name, idempotencyKey, requestHash }, KEY_REUSED),
      );
      if (made !== KEY_REUSED) return made;
      const earlier = await Tickets.findOne({ sellerId, idempotencyKey });
      return earlier ? ifSame(earlier, requestHash) : KEY_REUSED;
    },

    callSeller,

    async edit(
      user: Seller,
      id: string,
      changes: Meant<Edit>,
      expected?: Expected,
    ): Promise<Ticket | Rejection> {
      const date = read(changes.date, clock.now());
      if (isRejection(date)) return date;
      return change(Tickets, id, edit(user, { ...changes, date }, expected), { guard: FREE });
    },

    withdraw: (user: Seller, id: string, expected?: Expected) =>
      change(Tickets, id, withdraw(user, clock.now(), expected), { guard: FREE }),

    /**
     * Notes what an order does to a ticket when the news is newer than what is known of that order, and derives the
     * ticket's status from all orders in the same write: no old news can free or take it. What was bought is shown while it
     * is held; an edit that slipped in between the order and its news waits in `edited` until it is let go.
     */
    async hold(
      { ticketId, ...bought }: Bought & { ticketId: string },
      order: HoldingOrder,
    ): Promise<Rejection | undefined> {
      const { matched } = await Tickets.updateOne({ _id: ticketId }, noteHold(order, bought, clock.now()));
      return matched === 0 ? reject('not-found', `There is no ticket ${ticketId}`) : undefined;
    },

    /** Gives tickets of a release before, and those that now show another title, what a search finds them by: the newest first. */
    async makeFindable(): Promise<number> {
      const lost = await Tickets.find(
        // Not `null`, for which the database reads all that have none, as titles without a letter do.
        { words: { $exists: false }, deletedAt: null },
        { sort: { _id: -1 }, limit: AT_ONCE, projection: SEARCHED_FIELDS },
      );
      await Promise.all(
        lost.map((ticket) =>
          Tickets.updateOne({ ...saying(ticket), words: null }, { $set: { words: wordsOf(ticket) } }),
        ),
      );
      return lost.length;
    },
  };
};

/** As it is asked for: of a date what was meant, which is not a moment yet. */
type Meant<T extends Offer | Edit> = Omit<T, 'date'> & { date?: WantedDate | Exclude<T['date'], TicketDate> };

const read = <None extends null | undefined>(date: WantedDate | None, now: Date) =>
  date ? dateOf(date, now) : date;

type HoldingOrder = { id: string; version: number; status: OrderStatus };

const noteHold = (
  { id, version, status }: HoldingOrder,
  { ticketVersion, title, price }: Bought,
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
  const live = holdOf(status);
  const bought = live && { bought: { $literal: { ticketVersion, title, price } } };
  const hold = { k: id, v: { version: { $literal: version }, live: { $literal: live }, at: now, ...bought } };
  const anyLive = (kind: string) => ({
    $in: [kind, { $map: { input: { $objectToArray: '$holds' }, in: '$$this.v.live' } }],
  });
  const news = (value: unknown, old: string) => ({ $cond: [{ $lt: [known, version] }, value, old] });
  const holding = {
    $filter: {
      input: { $map: { input: { $objectToArray: '$holds' }, in: '$$this.v' } },
      cond: { $eq: ['$$this.live', '$status'] },
    },
  };
  const slipped = { $lt: [{ $ifNull: ['$held.bought.ticketVersion', '$version'] }, '$version'] };
  const shown = (field: string) => ({ $cond: [slipped, `$held.bought.${field}`, `$own.${field}`] });
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
    {
      $set: {
        held: { $arrayElemAt: [holding, -1] },
        own: { $ifNull: ['$edited', { title: '$title', price: '$price' }] },
      },
    },
    {
      $set: {
        title: shown('title'),
        price: shown('price'),
        words: { $cond: [{ $eq: [shown('title'), '$title'] }, '$words', '$$REMOVE'] },
        edited: {
          $cond: [
            slipped,
            { after: '$held.bought.ticketVersion', title: '$own.title', price: '$own.price' },
            '$$REMOVE',
          ],
        },
      },
    },
    { $unset: ['held', 'own'] },
  ];
};
