import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MongoClient, type MongoBulkWriteError, ObjectId } from 'mongodb';
import { placeId } from '@ticketing/common/places';
import { together } from '@ticketing/common/together';
import { ready } from './processes.ts';

/**
 * The floor of a sale: the plain driver, the indexes of the suite's orders, and a bitmap. Groups of one to six take the best
 * places that seem free, at random among 64, by inserts that go together; nothing is asked, validated, told or answered.
 */
const { MONGO_URL = '', PLACES = '' } = process.env;
const client = await MongoClient.connect(MONGO_URL, { maxPoolSize: 50, writeConcern: { w: 'majority' } });
const orders = client.db().collection<{ _id: string }>('orders');
const [IN_FLIGHT, AMONG, MOST] = [32, 64, 6];
const newId = () => new ObjectId().toHexString();

async function sell() {
  const [saleId, poolId, tierId, sellerId] = [newId(), newId().slice(0, 16), newId(), newId()];
  const places = Number(PLACES);
  const taken = new Uint8Array(places);
  const shared = together();
  let [left, made, refused, from] = [places, 0, 0, 0];
  const runs = (count: number): number[] => {
    const found: number[] = [];
    let free = 0;
    while (from < places && taken[from]) from += 1;
    for (let at = from; at < places && found.length < AMONG; at++) {
      free = taken[at] ? 0 : free + 1;
      if (free < count) continue;
      found.push(at - count + 1);
      free = 0;
    }
    return found;
  };
  const insert = (document: { _id: string }) =>
    shared('insert', document, async (documents: { _id: string }[]) => {
      const stands = documents.map(() => true);
      try {
        await orders.bulkWrite(
          documents.map((one) => ({ insertOne: { document: one } })),
          { ordered: false },
        );
      } catch (error) {
        for (const { index } of [(error as MongoBulkWriteError).writeErrors].flat()) stands[index] = false;
      }
      return stands;
    });
  const buy = async () => {
    const group = 1 + Math.floor(Math.random() * MOST);
    let [count, starts] = [group, runs(group)];
    // What is left for no group goes one by one.
    if (starts.length === 0) [count, starts] = [1, runs(1)];
    const first = starts[Math.floor(Math.random() * starts.length)];
    if (first === undefined) return;
    const userId = newId();
    const numbers = Array.from({ length: count }, (_, nth) => first + nth);
    for (const at of numbers) taken[at] = 1;
    left -= count;
    const now = new Date();
    const _id = newId();
    const stands = await insert({
      _id,
      userId,
      saleId,
      status: 'created',
      items: numbers.map((at) => ({
        ticketId: placeId(poolId, at),
        ticketVersion: 1,
        title: 'A stadium sells out · Seated',
        price: 5000,
        sellerId,
        kind: 'place',
        tierId,
        seat: { block: 'Block 1', row: '1', seat: String(at) },
      })),
      total: 5000 * count,
      currency: 'usd',
      expiresAt: new Date(now.getTime() + 900_000),
      payments: {},
      allowances: numbers.map((_, nth) => `${tierId}/${userId}/${nth}`),
      slot: `${userId}/0`,
      idempotencyKey: userId,
      requestHash: userId,
      version: 0,
      createdAt: now,
      updatedAt: now,
      pending: { id: `${_id}:0`, at: now },
    } as { _id: string });
    if (stands) made += 1;
    else refused += 1;
  };
  const start = performance.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (left > 0) await buy();
    }),
  );
  return { orders: made, refused, seconds: (performance.now() - start) / 1000 };
}

const server = createServer((_req, res) => {
  void sell().then((sold) => res.end(JSON.stringify(sold)));
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port, 0));
