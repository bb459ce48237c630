import { type Db, MongoClient, ObjectId } from 'mongodb';

const WORDS = ['Evening', 'Harbour', 'Quartet', 'Lantern', 'Orchard', 'Signal', 'Meadow', 'Parade'];
const PAGE = 10_000;
const LATEST = Math.floor(Date.UTC(2026, 0, 1) / 1000);

export const connect = (url: string): Promise<MongoClient> => MongoClient.connect(url);

/** Ids sort by age: the newest ticket has the highest index. */
export const idAt = (index: number): string =>
  (LATEST + index).toString(16).padStart(8, '0') + index.toString(16).padStart(16, '0');

const ticketAt = (index: number) => {
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
export async function seedTickets(db: Db, count: number, { replica = false } = {}): Promise<void> {
  const collection = db.collection<{ _id: string }>('tickets');
  const own = replica ? {} : { status: 'available', holds: {}, outbox: [] };
  for (let from = 0; from < count; from += PAGE) {
    const length = Math.min(PAGE, count - from);
    await collection.insertMany(
      Array.from({ length }, (_, index) => ({ ...ticketAt(from + index), ...own })),
      { ordered: false },
    );
  }
}

/** Gives the floor's collections the indexes of the suite's. */
export async function copyIndexes(from: Db, to: Db, name: string): Promise<void> {
  for (const index of await from.collection(name).indexes()) {
    if (index.name === '_id_') continue;
    const { key, v: _v, ...options } = index;
    await to.collection(name).createIndex(key as Record<string, 1 | -1>, options as object);
  }
}

export const newId = (): string => new ObjectId().toHexString();
