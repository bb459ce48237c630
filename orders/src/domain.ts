import {
  type CancelReason,
  isLive,
  keptOf,
  type OrderItem,
  type OrderStatus,
  type ReturnedItem,
} from '@ticketing/common/contracts/order';
import type { MoneyBack, PaymentStatus } from '@ticketing/common/contracts/payment';
import { mostOf } from '@ticketing/common/currency';
import type { Changes, Fresh, Recorded } from '@ticketing/common/record';
import { type FieldError, reject, type Rejection } from '@ticketing/common/rejection';
import type { Replica } from '@ticketing/common/replicate';
import { isAdmin, type User } from '@ticketing/common/user';
import type { Buyer } from './domain/buyer.ts';

/** The states in which an order holds its tickets without being paid, and the ends of those that never were. */
export const UNPAID = ['created', 'awaiting:payment'] as const satisfies readonly OrderStatus[];
export const UNBOUGHT = ['expired', 'buyer'] as const satisfies readonly CancelReason[];

/** What `orders` keeps of a ticket. */
export interface Ticket extends Replica {
  title: string;
  price: number;
  currency: string;
  sellerId: string;
  saleId: string;
  /** When what it is for begins. */
  date?: { at: Date };
  deletedAt?: Date;
}

/** What an order knows of one of its payments. */
export interface PaymentNews extends MoneyBack {
  version: number;
  status: PaymentStatus;
  /** The buyer was sent to their bank. */
  challenged?: boolean | undefined;
  /** Too many cards were declined. */
  lastTry?: boolean | undefined;
}

export interface Order extends Recorded, MoneyBack {
  userId: string;
  /** Orders of former releases have none, nor those of accounts that are gone. */
  buyer?: Buyer;
  /** By which its event's team finds it. */
  words?: string[];
  saleId: string;
  status: OrderStatus;
  reason?: CancelReason;
  items: OrderItem[];
  /** What left it: no longer held by it, as the index sees `items` alone. */
  returned?: ReturnedItem[];
  total: number;
  currency: string;
  expiresAt: Date;
  /** Its place among the account's unpaid orders of the sale. */
  slot?: string;
  /** Of what is limited by account or code, `<of>/<k>`: each is in one live order. Absent when there are none. */
  allowances?: string[];
  /** Those that left it with what was taken back: only a hint may still count them. */
  freed?: string[];
  /** Sold at the box office: nothing is paid here. */
  paidElsewhere?: boolean;
  /** The hold was prolonged once for a payment in progress. */
  extended?: boolean;
  /** A repeat of its request was told that it stands: it is not taken back. */
  confirmed?: boolean;
  /** It was prolonged once for a challenge by the buyer's bank. */
  atBank?: boolean;
  completedAt?: Date;
  /** The newest that was heard of each payment, by its id. */
  payments: Record<string, PaymentNews>;
  idempotencyKey?: string;
  /** Fingerprint of the request that made it, to tell a repeat from another request under the same key. */
  requestHash?: string;
}

/** What the buyer saw of a ticket when deciding. */
export interface Seen {
  ticketId: string;
  price?: number | undefined;
  version?: number | undefined;
}

/** The refusal of a request that does not say of each ticket what the buyer saw, and so would pay any price. */
export const mustSee = (ticketIds: readonly string[], seen: readonly Seen[]): Rejection | undefined => {
  const looks = seen.filter(({ price, version }) => price !== undefined || version !== undefined);
  const known = new Set(looks.map(({ ticketId }) => ticketId));
  const errors = ticketIds
    .filter((id) => !known.has(id))
    .map((id) => ({ field: 'seen', message: `must hold the price or the version of ${id} that you saw` }));
  return errors.length > 0 ? reject('invalid', 'Say what you saw of each ticket', { errors }) : undefined;
};

interface Placement {
  id: string;
  userId: string;
  ticketIds: readonly string[];
  seen: readonly Seen[];
  onSale: readonly Ticket[];
  now: Date;
  holdSeconds: number;
}

/** Reserves tickets of one sale at the price of the version that is reserved. */
export function place({
  id,
  userId,
  ticketIds,
  seen,
  onSale,
  now,
  holdSeconds,
}: Placement): Fresh<Order> | Rejection {
  const isOver = ({ date, deletedAt }: Ticket) => deletedAt !== undefined || (date && date.at <= now);
  const found = new Map(onSale.filter((one) => !isOver(one)).map((ticket) => [ticket._id, ticket]));
  const gone = ticketIds.filter((ticketId) => !found.has(ticketId));
  const tickets = [...found.values()].sort((a, b) => ticketIds.indexOf(a._id) - ticketIds.indexOf(b._id));
  const [first] = tickets;
  if (gone.length > 0) return notOnSale(gone, ticketIds);
  if (!first)
    return reject('invalid', 'An order needs a ticket', {
      errors: [{ field: 'ticketIds', message: 'is empty' }],
    });
  const others = tickets.filter(({ saleId }) => saleId !== first.saleId).map(({ _id }) => _id);
  if (others.length > 0) {
    const errors = about(others, ticketIds, 'belongs to another sale than the first');
    return reject('invalid', 'The tickets of an order must belong to one sale', { errors });
  }
  const own = tickets.filter(({ sellerId }) => sellerId === userId).map(({ _id }) => _id);
  if (own.length > 0) {
    const errors = about(own, ticketIds, 'is your own');
    return reject('forbidden', 'You cannot buy your own ticket', { errors });
  }
  const foreign = tickets.filter(({ currency }) => currency !== first.currency).map(({ _id }) => _id);
  if (foreign.length > 0) {
    const errors = about(foreign, ticketIds, `is not in ${first.currency.toUpperCase()} as the first`);
    return reject('invalid', 'The tickets of an order must be in one currency', { errors });
  }
  const total = tickets.reduce((sum, { price }) => sum + price, 0);
  const most = mostOf(first.currency);
  if (total > most) {
    const message = `cost ${total} together; one payment can be ${most} at most`;
    return reject('invalid', 'Too much for one payment', { errors: [{ field: 'ticketIds', message }] });
  }
  const moved = seen.flatMap((look) => difference(look, found.get(look.ticketId)));
  if (moved.length > 0) return reject('conflict', 'A ticket has changed since you saw it', { errors: moved });
  return {
    _id: id,
    userId,
    saleId: first.saleId,
    status: 'created',
    items: tickets.map(({ _id, version, title, price, sellerId }) => ({
      ticketId: _id,
      ticketVersion: version,
      title,
      price,
      sellerId,
    })),
    total,
    currency: first.currency,
    expiresAt: after(now, holdSeconds),
    payments: {},
  };
}

const about = (ids: readonly string[], ticketIds: readonly string[], message: string): FieldError[] =>
  ids.map((id) => ({ field: `ticketIds.${ticketIds.indexOf(id)}`, message: `${id} ${message}` }));

const notOnSale = (gone: readonly string[], ticketIds: readonly string[]): Rejection =>
  reject('not-found', 'No longer on sale', { errors: about(gone, ticketIds, 'is not on sale') });

const difference = ({ price, version }: Seen, ticket: Ticket | undefined): FieldError[] => {
  if (!ticket) return [];
  if (price !== undefined && price !== ticket.price) {
    return [{ field: 'seen', message: `${ticket._id} now costs ${ticket.price}, not ${price}` }];
  }
  if (version !== undefined && version !== ticket.version) {
    return [{ field: 'seen', message: `${ticket._id} is now version ${ticket.version}, not ${version}` }];
  }
  return [];
};

/** The refusal that names which of the wanted tickets other live orders hold. */
export const alreadyReserved = (
  ticketIds: readonly string[],
  holders: readonly Pick<Order, 'items'>[],
): Rejection => {
  const held = new Set(holders.flatMap(({ items }) => items.map(({ ticketId }) => ticketId)));
  const gone = ticketIds.filter((id) => held.has(id));
  return reject('conflict', 'Already reserved', { errors: about(gone, ticketIds, 'is already reserved') });
};

/** Who may do what with an order: its buyer, its sellers and whoever sells for them, an admin. */
export const roleIn = (
  user: Pick<User, 'id' | 'roles'>,
  order: Pick<Order, 'userId' | 'items'>,
  manages = false,
) => {
  if (manages || order.items.every(({ sellerId }) => sellerId === user.id)) return 'seller';
  if (order.userId === user.id) return 'buyer';
  return isAdmin(user) ? 'admin' : undefined;
};

/**
 * The buyer gives an unpaid order up; a paid one is undone by its seller, an admin, or soon enough by its buyer where it is of no
 * event.
 */
export const cancel =
  (user: Pick<User, 'id' | 'roles'>, now: Date, buyerSeconds: number, manages = false) =>
  (order: Order): Changes<Order> | Rejection => {
    const role = roleIn(user, order, manages);
    if (!role) return reject('forbidden', 'This order is not yours');
    switch (order.status) {
      case 'created':
      case 'awaiting:payment':
        if (order.userId === user.id) return cancelled('buyer');
        if (role === 'seller') return reject('conflict', 'The order is not paid yet; it ends by itself');
        return cancelled(role);
      case 'complete':
        // Its tickets are not sold again, nor its money given back twice, while the bank decides.
        if (order.dispute?.status === 'open') return DISPUTED;
        if (role === 'buyer' && isOfEvent(order)) return BEGINS_AT_ADMISSIONS;
        if (role === 'buyer' && now > paidUntil(order, buyerSeconds)) {
          return reject(
            'conflict',
            'The time to cancel a paid order is over; only its seller or the marketplace still can',
          );
        }
        return cancelled(role);
      case 'cancelled':
      case 'refunded':
        return {};
    }
  };

/** Whoever holds a place may enter with it, or have handed it on: what takes that right away begins where an entry does. */
const BEGINS_AT_ADMISSIONS = reject(
  'conflict',
  'Tickets of an event are given back one by one: POST /api/admissions/returns',
);
export const isOfEvent = ({ items }: Pick<Order, 'items'>): boolean =>
  items.some(({ kind }) => kind === 'place');

const paidUntil = ({ completedAt, updatedAt }: Order, buyerSeconds: number) =>
  after(completedAt ?? updatedAt, buyerSeconds);

/** Until when the buyer of a paid order may undo it; what is of an event is given back at `admissions`. */
export const cancellableUntil = (order: Order, buyerSeconds: number): Date | undefined =>
  order.status === 'complete' && !isOfEvent(order) ? paidUntil(order, buyerSeconds) : undefined;

/** The hold ran out: a payment in progress gets its grace once, a paid order is safe, the rest is over. */
export const expire =
  (now: Date, graceSeconds: number) =>
  (order: Order): Changes<Order> | Rejection => {
    switch (order.status) {
      case 'created':
        return now < order.expiresAt ? TOO_EARLY : cancelled('expired');
      case 'awaiting:payment':
        if (now < order.expiresAt) return TOO_EARLY;
        if (order.extended) return cancelled('expired');
        return { extended: true, expiresAt: after(order.expiresAt, graceSeconds) };
      case 'complete':
      case 'refunded':
        return reject('conflict', 'Order is already paid');
      case 'cancelled':
        return reject('conflict', 'Order is already cancelled');
    }
  };

export const DISPUTED = reject(
  'conflict',
  'The payment of this order is disputed; nothing can be undone before the bank decides',
);
const TOO_EARLY = reject('conflict', 'Order has not expired yet');

/** A ticket was withdrawn in the moment it was reserved: the order is over, and a paid one will be refunded. */
export const loseTicket = (order: Order): Changes<Order> | Rejection =>
  isLive(order.status) ? cancelled('ticket-withdrawn') : {};

/** The event is cancelled: what was reserved or bought of it is over, and what was paid goes back. */
export const loseEvent = (order: Order): Changes<Order> | Rejection =>
  isLive(order.status) ? cancelled('event-cancelled') : reject('conflict', 'The order is over already');

/** One order too many of an account: as if it had never been held, and a repeat of its request is asked anew. */
export const takeBack = (order: Order): Changes<Order> =>
  order.status === 'created' && !order.confirmed
    ? { ...cancelled('buyer'), idempotencyKey: undefined, requestHash: undefined, slot: undefined }
    : {};

/** What an order keeps of a payment's state. */
export const newsOf = ({
  version,
  status,
  challenged,
  lastTry,
  refundedAmount,
  refundedElsewhere,
  refund,
  dispute,
}: PaymentNews): PaymentNews => ({
  version,
  status,
  ...(challenged && { challenged }),
  ...(lastTry && { lastTry }),
  ...(refundedAmount !== undefined && { refundedAmount }),
  ...(refundedElsewhere !== undefined && { refundedElsewhere }),
  ...(refund && { refund }),
  ...(dispute && { dispute }),
});

/**
 * Takes the news of a payment if they are newer than what is known of it, and derives the status from all payments. Who
 * was sent to the bank keeps the tickets for as long as that may take, once; for whom too many cards were declined they are
 * over, unless money is on its way.
 */
export const hearOfPayment =
  (paymentId: string, news: PaymentNews, now: Date, challengeSeconds: number) =>
  (order: Order): Changes<Order> => {
    const known = order.payments[paymentId];
    if (known && known.version > news.version) return {};
    // A process of the release before may have kept less of the same version.
    const same = known?.version === news.version ? known : undefined;
    if (same && Object.keys(news).every((key) => key in same)) return {};
    const payments = { ...order.payments, [paymentId]: { ...news, ...same } };
    const next = derive(order, Object.values(payments));
    const spent = next === 'created' && Object.values(payments).some(({ lastTry }) => lastTry);
    const until = after(now, challengeSeconds);
    const waits =
      next === 'awaiting:payment' && news.status === 'started' && news.challenged && !order.atBank;
    return {
      payments,
      ...unlike(order, back(Object.values(payments))),
      ...(waits && until > order.expiresAt && { expiresAt: until, atBank: true }),
      ...(next !== order.status && { status: next }),
      ...(spent && cancelled('expired')),
      ...(next === 'complete' && !order.completedAt && { completedAt: now }),
    };
  };

/** What is back of all that was paid for an order; a refund that is still to be made comes before one that is done. */
const back = (payments: readonly PaymentNews[]): Changes<Order> => {
  const sum = (field: 'refundedAmount' | 'refundedElsewhere') =>
    payments.reduce((total, { [field]: amount = 0 }) => total + amount, 0) || undefined;
  const refunds = payments.flatMap(({ refund }) => refund ?? []);
  const disputes = payments.flatMap(({ dispute }) => dispute ?? []);
  return {
    refundedAmount: sum('refundedAmount'),
    refundedElsewhere: sum('refundedElsewhere'),
    dispute: disputes.find(({ status }) => status === 'open') ?? disputes[0],
    refund: refunds.find(({ status }) => status !== 'succeeded') ?? refunds[0],
  };
};

/** What is news of what was found: by value, as an event brings objects of its own. */
const unlike = (order: Order, found: Changes<Order>): Changes<Order> =>
  Object.fromEntries(
    Object.entries(found).filter(
      ([key, value]) => JSON.stringify(order[key as keyof Order]) !== JSON.stringify(value),
    ),
  );

const derive = (order: Order, payments: readonly PaymentNews[]): OrderStatus => {
  const { status } = order;
  const some = (wanted: PaymentStatus) => payments.some((payment) => payment.status === wanted);
  const givenBack = some('refunded') && !some('succeeded');
  switch (status) {
    case 'cancelled':
    case 'refunded':
      return givenBack ? 'refunded' : 'cancelled';
    case 'complete':
      // What costs nothing stays, when all that was paid for has left.
      return givenBack && keptOf(order) > 0 ? 'refunded' : 'complete';
    case 'created':
    case 'awaiting:payment':
      if (givenBack) return 'refunded';
      if (some('succeeded')) return 'complete';
      return some('started') ? 'awaiting:payment' : 'created';
  }
};

const cancelled = (reason: CancelReason) => ({ status: 'cancelled' as const, reason });

const after = (moment: Date, seconds: number) => new Date(moment.getTime() + seconds * 1000);
