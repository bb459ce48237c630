import { reject, type Rejection } from '@ticketing/common/rejection';

/** What one account may hold without paying, so that nobody keeps from others what they do not buy. */
export interface Limits {
  /** Unpaid orders: over all sales, and of one. */
  orders: number;
  ordersOfSale: number;
  /** Tickets in unpaid orders. */
  tickets: number;
  /** How long others come first for a ticket that an account held again and again. */
  pauseSeconds: number;
  holdSeconds: number;
}

interface Held {
  _id: string;
  saleId: string;
  items: readonly { ticketId: string }[];
  slot?: string;
}

/** Whether `order` is too much for an account that has these unpaid orders; itself may be among them. */
export const overLimit = (
  order: Held,
  unpaid: readonly Held[],
  { orders, tickets }: Limits,
): Rejection | undefined => {
  const others = unpaid.filter(({ _id }) => _id !== order._id);
  if (others.length >= orders) return moreThan(orders, 'unpaid order');
  const count = [order, ...others].reduce((sum, { items }) => sum + items.length, 0);
  return count > tickets ? moreThan(tickets, 'unpaid ticket') : undefined;
};

/** One of the few places that an account has for unpaid orders of a sale; an index gives each of them once. */
export const freeSlot = (
  userId: string,
  { saleId }: Pick<Held, 'saleId'>,
  unpaid: readonly Held[],
  { ordersOfSale }: Limits,
): string | Rejection => {
  const taken = unpaid.filter((other) => other.saleId === saleId).map(({ slot }) => slot);
  const slots = Array.from({ length: ordersOfSale }, (_, place) => `${userId}/${place}`);
  return (
    slots.find((slot) => !taken.includes(slot)) ?? moreThan(ordersOfSale, 'unpaid order', ' of one sale')
  );
};

const moreThan = (most: number, what: string, where = ''): Rejection => {
  const limit = `more than ${most} ${what}${most === 1 ? '' : 's'}${where}`;
  return reject('conflict', `Nobody may have ${limit}; pay or cancel one first`, {
    errors: [{ field: 'ticketIds', message: `would make ${limit}` }],
  });
};

/** An order that ended without being paid: it ran out, or its buyer gave it up. */
export interface Unbought {
  /** None if it was taken back in the moment it was made. */
  slot?: string;
  items: readonly { ticketId: string }[];
  createdAt: Date;
  updatedAt: Date;
  expiresAt: Date;
}

/** Who takes a ticket so often without buying it comes after the others, however short each time was. */
export const OFTEN = 20;

/** What an account holds, and held of the tickets that it asks for. */
export interface Holdings {
  unpaid: readonly Held[];
  unbought: readonly Unbought[];
}
export const NOTHING: Holdings = { unpaid: [], unbought: [] };

/** Why an account may not have `order` now, whether it has it already or not. */
export const tooMuch = (
  order: Held,
  { unpaid, unbought }: Holdings,
  now: Date,
  limits: Limits,
): Rejection | undefined =>
  overLimit(order, unpaid, limits) ??
  othersFirst(
    order.items.map(({ ticketId }) => ticketId),
    unbought,
    now,
    limits,
  );

/** How far back holds count, in seconds: beyond a pause and the hold after it. */
export const remembered = ({ pauseSeconds, holdSeconds }: Limits): number => 2 * pauseSeconds + holdSeconds;

/**
 * Letting a ticket run out and reserving it again is everybody's right, once. Who has held it without buying for more
 * than one and a half holds in all comes after the others for a while; giving it up just in time counts as well.
 */
export const othersFirst = (
  ticketIds: readonly string[],
  unbought: readonly Unbought[],
  now: Date,
  { pauseSeconds, holdSeconds }: Limits,
): Rejection | undefined => {
  const waits = ticketIds.flatMap((ticketId, place) => {
    const holds = unbought.filter(({ items }) => items.some((item) => item.ticketId === ticketId));
    const counted = holds.filter(({ slot }) => slot !== undefined);
    const held = counted.reduce((sum, hold) => sum + endOf(hold) - hold.createdAt.getTime(), 0);
    const isLong = held > 1.5 * holdSeconds * 1000;
    if (!isLong && holds.length < OFTEN) return [];
    const until = Math.max(...(isLong ? counted : holds).map(endOf)) + pauseSeconds * 1000;
    return until > now.getTime() ? [{ ticketId, place, until }] : [];
  });
  if (waits.length === 0) return undefined;
  const seconds = (Math.max(...waits.map(({ until }) => until)) - now.getTime()) / 1000;
  const minutes = Math.ceil(seconds / 60);
  const pause = minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return reject('conflict', `You have held it long enough without paying; others come first for ${pause}`, {
    errors: waits.map(({ ticketId, place, until }) => ({
      field: `ticketIds.${place}`,
      message: `${ticketId} may be yours again at ${new Date(until).toISOString()}`,
    })),
    retryAfter: seconds,
  });
};

const endOf = ({ updatedAt, expiresAt }: Unbought) => Math.min(updatedAt.getTime(), expiresAt.getTime());
