import { reject, type Rejection } from '@ticketing/common/rejection';
import type { Changes, Fresh, Recorded } from '@ticketing/common/record';
import { searchKeys, ticketText } from '@ticketing/common/search';
import { wrongAmount } from '@ticketing/common/chargeable';
import type { OrderItem, OrderStatus } from '@ticketing/common/contracts/order';
import type { Replica } from '@ticketing/common/replicate';
import { type LocalTime, momentOf } from '@ticketing/common/times';
import { isAdmin, type User } from '@ticketing/common/user';

export type TicketStatus = 'available' | 'reserved' | 'sold';

/** What an order does to a ticket, by the newest version heard of; `live` is false when it let go. */
export interface Hold {
  version: number;
  live: false | 'reserved' | 'sold';
  at: Date;
  /** While it is live; holds of an earlier release do not tell. */
  bought?: Bought;
}

/** What an order bought of a ticket. */
export type Bought = Pick<OrderItem, 'ticketVersion' | 'title' | 'price'>;

export interface Ticket extends Recorded {
  title: string;
  description?: string;
  event?: string;
  place?: string;
  date?: TicketDate;
  price: number;
  currency: string;
  sellerId: string;
  /** As the seller is to be called: a copy, so that nobody who reads a ticket need read an account; follows it within seconds. */
  sellerName?: string;
  saleId: string;
  /** What a search finds it by, derived from what it says in the same write; without them, `makeFindable` is to come. */
  words?: string[];
  /** Derived from `holds`, in the same write. */
  status: TicketStatus;
  holds: Record<string, Hold>;
  /**
   * The seller's newest title and price, where an edit slipped in between an order of version `after` and its news: while
   * that holds the ticket, `title` and `price` are what was bought.
   */
  edited?: { after: number; title: string; price: number };
  deletedAt?: Date;
  idempotencyKey?: string;
  requestHash?: string;
}

/** What is known of an account: all that it tells. */
export interface KnownAccount extends Replica {
  name?: string;
  zone?: string;
  deletedAt?: Date;
}

/** When it is for: what was meant, and the moment that it is. */
export interface TicketDate extends WantedDate {
  at: Date;
}
export interface WantedDate {
  local: LocalTime;
  zone: string;
}

export interface Offer {
  title: string;
  description?: string | undefined;
  event?: string | undefined;
  place?: string | undefined;
  date?: TicketDate | undefined;
  price: number;
  saleId?: string | undefined;
}

export interface Edit {
  title?: string | undefined;
  description?: string | null | undefined;
  event?: string | null | undefined;
  place?: string | null | undefined;
  date?: TicketDate | null | undefined;
  price?: number | undefined;
}

type Seller = Pick<User, 'id' | 'roles'>;

/** Who may do what: a ticket is its seller's, and an admin's. */
const mayChange = (user: Seller, ticket: Ticket) => ticket.sellerId === user.id || isAdmin(user);

/** A price that cannot be charged. */
const mispriced = (price: number, currency: string): Rejection | undefined => {
  const message = wrongAmount(price, currency);
  return message === undefined
    ? undefined
    : reject('invalid', 'The price cannot be charged', { errors: [{ field: 'price', message }] });
};

/** Tickets of one sale: as many as its page shows, and as are looked at together for lists. */
export const MOST_OF_SALE = 200;

/** A new ticket in the market's currency; one that joins a sale joins that of an earlier ticket of the same seller, in that currency. */
export const offer = (
  id: string,
  sellerId: string,
  { saleId, title, description, event, place, date, price }: Offer,
  sale: (Pick<Ticket, 'sellerId' | 'currency'> & { of: number }) | null,
  marketCurrency: string,
): Fresh<Ticket> | Rejection => {
  if (saleId !== undefined && sale?.sellerId !== sellerId) {
    return reject('forbidden', 'The sale is not yours', {
      errors: [{ field: 'saleId', message: 'must be the sale of an earlier ticket of yours' }],
    });
  }
  if (sale && sale.of >= MOST_OF_SALE) {
    const message = `has ${sale.of} tickets on it; at most ${MOST_OF_SALE} are sold together`;
    return reject('conflict', 'The sale is full', { errors: [{ field: 'saleId', message }] });
  }
  const currency = sale?.currency ?? marketCurrency;
  const refused = mispriced(price, currency);
  if (refused) return refused;
  return {
    _id: id,
    title,
    ...(description !== undefined && { description }),
    ...(event !== undefined && { event }),
    ...(place !== undefined && { place }),
    ...(date && { date }),
    words: wordsOf({ title, description, event, place }),
    price,
    currency,
    sellerId,
    saleId: saleId ?? id,
    status: 'available',
    holds: {},
  };
};

/** The version that title and price are of. */
export const versionShown = ({ edited, version }: Pick<Ticket, 'edited' | 'version'>) =>
  edited?.after ?? version;

/** The version that a change was made from, or any of several. */
export type Expected = number | readonly number[];

/** The seller's changes of what it says and costs, while nobody holds the ticket. */
export const edit =
  (user: Seller, changes: Edit, expected?: Expected) =>
  (ticket: Ticket): Changes<Ticket> | Rejection => {
    const refused =
      changeable(user, ticket, expected) ??
      (changes.price === undefined ? undefined : mispriced(changes.price, ticket.currency));
    if (refused) return refused;
    const wanted = Object.entries<Edit[keyof Edit]>({ ...changes }).filter(
      ([, value]) => value !== undefined,
    );
    const moved = wanted
      .map(([key, value]) => [key, value ?? undefined] as const)
      .filter(([key, value]) => !isSame(ticket[key as keyof Edit], value));
    const changed: Changes<Ticket> = Object.fromEntries(moved);
    if (!SEARCHED.some((field) => field in changed)) return changed;
    return { ...changed, words: wordsOf({ ...ticket, ...changed }) };
  };

/** Dates are of parts: the same were meant alike. */
const isSame = (a: Edit[keyof Edit], b: Edit[keyof Edit]) =>
  a === b || (typeof a === 'object' && typeof b === 'object' && a?.local === b?.local && a?.zone === b?.zone);

/** What a search looks at. */
export const SEARCHED = ['title', 'event', 'place', 'description'] as const;
export type Searched = { readonly [K in (typeof SEARCHED)[number]]?: string | null | undefined };

export const SEARCHED_FIELDS = { title: 1, event: 1, place: 1, description: 1 } as const;
/** A ticket while it says the same. */
export const saying = ({ _id, title, event, place, description }: Searched & { _id: string }) => ({
  _id,
  title,
  event: event ?? null,
  place: place ?? null,
  description: description ?? null,
});

/** What it finds a ticket by. */
export const wordsOf = (ticket: Searched): string[] => searchKeys(ticketText(ticket));

/** The date that was meant: a moment that is still to come, for who sells a ticket for it. */
export function dateOf({ local, zone }: WantedDate, now: Date): TicketDate | Rejection {
  const at = momentOf(local, zone);
  const wrong = typeof at === 'string' ? at : at <= now ? 'is over' : undefined;
  if (wrong === undefined) return { local, zone, at: at as Date };
  return reject('invalid', 'The date cannot be taken', { errors: [{ field: 'date.local', message: wrong }] });
}

/** Takes a ticket off the market for good, while nobody holds it. */
export const withdraw =
  (user: Seller, now: Date, expected?: Expected) =>
  (ticket: Ticket): Changes<Ticket> | Rejection =>
    changeable(user, ticket, expected) ?? { deletedAt: now };

const changeable = (user: Seller, ticket: Ticket, expected: Expected | undefined): Rejection | undefined => {
  if (ticket.deletedAt) return reject('not-found', `There is no ticket ${ticket._id}`);
  if (!mayChange(user, ticket)) return reject('forbidden', 'This ticket is not yours');
  const version = versionShown(ticket);
  if (expected !== undefined && ![expected].flat().includes(version)) {
    return reject('stale', `The ticket has changed: its version is ${version}`, {
      errors: [{ field: 'if-match', message: `must be "${version}"` }],
    });
  }
  switch (ticket.status) {
    case 'available':
      return undefined;
    case 'reserved':
      return reject('conflict', 'The ticket is reserved');
    case 'sold':
      return reject('conflict', 'The ticket is sold');
  }
};

/** What an order in this status means for its tickets. */
export const holdOf = (status: OrderStatus): Hold['live'] => {
  switch (status) {
    case 'created':
    case 'awaiting:payment':
      return 'reserved';
    case 'complete':
      return 'sold';
    case 'cancelled':
    case 'refunded':
      return false;
  }
};
