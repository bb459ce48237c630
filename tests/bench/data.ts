import { type Db, MongoClient, ObjectId } from 'mongodb';
import { signToken } from '@ticketing/common/http/session';
import { searchKeys } from '@ticketing/common/search';
import { TEST_SIGNING_KEY } from '@ticketing/common/testing';

const WORDS = ['Evening', 'Harbour', 'Quartet', 'Lantern', 'Orchard', 'Signal', 'Meadow', 'Parade'];
const PAGE = 10_000;
/** Where the tickets of past orders begin. */
const PAST = 10_000_000;
const LATEST = Math.floor(Date.UTC(2026, 0, 1) / 1000);

export const connect = (url: string): Promise<MongoClient> => MongoClient.connect(url);

/** Ids sort by age: the newest ticket has the highest index. */
export const idAt = (index: number): string =>
  (LATEST + index).toString(16).padStart(8, '0') + index.toString(16).padStart(16, '0');

export type TicketDoc = ReturnType<typeof ticketAt>;

export const ticketAt = (index: number) => {
  const _id = idAt(index);
  const at = new Date((LATEST + index) * 1000);
  return {
    _id,
    title: `${WORDS[index % 8]} ${WORDS[(index >> 3) % 8]}, seat ${index}`,
    description: `Row ${index % 40}, doors open at seven; the ticket is sent at once.`,
    price: 1000 + ((index * 7919) % 90_000),
    currency: 'usd',
    sellerId: idAt(index % 500),
    saleId: _id,
    version: 0,
    createdAt: at,
    updatedAt: at,
  };
};

/** Fills an empty `tickets` collection: as `tickets` keeps them, or (`replica`) as `orders` does. */
export const seedTickets = (db: Db, count: number, { replica = false } = {}): Promise<void> =>
  insertTickets(db, 0, count, replica ? () => ({}) : own);

/** What `tickets` keeps of a ticket beside its public state. */
export const own = (ticket: Parameters<typeof searchKeys>[0]) => ({
  status: 'available',
  holds: {},
  words: searchKeys(ticket),
});

/** Inserts the tickets from an index on, each with more beside its public state. */
export const insertTickets = (
  db: Db,
  start: number,
  count: number,
  more: (ticket: TicketDoc) => object,
): Promise<void> =>
  insertAll(db, 'tickets', start, count, (index) => {
    const ticket = ticketAt(index);
    return { ...ticket, ...more(ticket) };
  });

async function insertAll(
  db: Db,
  name: string,
  start: number,
  count: number,
  documentAt: (index: number) => { _id: string },
): Promise<void> {
  for (let from = start; from < start + count; from += PAGE) {
    const length = Math.min(PAGE, start + count - from);
    const documents = Array.from({ length }, (_, index) => documentAt(from + index));
    await db.collection<{ _id: string }>(name).insertMany(documents, { ordered: false });
  }
}

/** Fills an empty `orders` collection with orders that are over, of tickets that are no longer on the market. */
export const seedPastOrders = (db: Db, count: number): Promise<void> =>
  insertAll(db, 'orders', 0, count, (index) => {
    const { _id: ticketId, saleId, sellerId, title, price, currency, createdAt } = ticketAt(PAST + index);
    const status = index % 2 === 0 ? 'complete' : 'cancelled';
    return {
      _id: ticketId,
      userId: idAt(index % 5000),
      saleId,
      status,
      items: [{ ticketId, ticketVersion: 0, title, price, sellerId }],
      total: price,
      currency,
      expiresAt: createdAt,
      ...(status === 'complete' && { completedAt: createdAt }),
      payments: {},
      version: 2,
      createdAt,
      updatedAt: createdAt,
    };
  });

/** Gives the floor's collections the indexes of the suite's. */
export async function copyIndexes(from: Db, to: Db, name: string): Promise<void> {
  for (const index of await from.collection(name).indexes()) {
    if (index.name === '_id_') continue;
    const { key, v: _v, ...options } = index;
    await to.collection(name).createIndex(key as Record<string, 1 | -1>, options as object);
  }
}

const newId = (): string => new ObjectId().toHexString();

/** Somebody who is signed in, and the header that says so. */
export const signedIn = () => {
  const user = { id: newId(), email: 'buyer@example.com', roles: ['user' as const], sessionId: newId() };
  const jwt = signToken(user, TEST_SIGNING_KEY, 7200);
  const cookie = Buffer.from(JSON.stringify({ jwt })).toString('base64');
  return { id: user.id, header: { Cookie: `ticketing-session=${cookie}` } };
};

/** The cookie of somebody who is signed in. */
export const somebody = (): { Cookie: string } => signedIn().header;
