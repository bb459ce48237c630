import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Db } from 'mongodb';
import { eventually, type TestHost, testHost } from '@ticketing/common/testing';
import { orderFor, visitor } from '@ticketing/suite/api';
import { dump, replace } from '../src/backup.ts';
import { freePort } from '@ticketing/engines/place';
import { suite } from '@ticketing/suite/suite';

let host: TestHost;
let origin: string;

beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  host = await testHost(suite, {
    mongoUrl: process.env['TEST_MONGO_URL']!,
    env: {
      PORT: String(port),
      PUBLIC_ORIGIN: origin,
      STRIPE_KEY: 'sk_test_x',
      STRIPE_WEBHOOK_SECRET: 'whsec_x',
    },
  });
});
afterAll(() => host.destroy());

const database = (service: string) => host.database(service).connection!.db as unknown as Db;
const lines = async (service: string) => {
  const all: string[] = [];
  for await (const line of dump(service, database(service))) all.push(line);
  return all;
};
async function* those(all: readonly string[]) {
  yield* all;
}

test('a restored ticket is as it was, and everybody believes it', async () => {
  const seller = visitor(origin);
  await seller.post('/api/users/signup', { email: 'seller@example.com', password: 'tickets-please' });
  const { body: ticket } = await seller.post('/api/tickets', { title: 'Front row', price: 100 });
  const known = () => database('orders').collection('tickets').findOne({ _id: ticket.id });
  const backup = await lines('tickets');
  for (const price of [200, 300]) await seller.patch(`/api/tickets/${ticket.id}`, { price });
  await eventually(async () => (await known())?.['price'] === 300);

  await replace('tickets', database, those(backup));
  expect((await seller.get(`/api/tickets/${ticket.id}`)).body).toMatchObject({ price: 100 });
  await eventually(async () => (await known())?.['price'] === 100);
  expect((await seller.patch(`/api/tickets/${ticket.id}`, { price: 400 })).status).toBe(200);
  await eventually(async () => (await known())?.['price'] === 400);
});

test('a restored ticket learns again which orders hold it', async () => {
  const [seller, buyer] = [visitor(origin), visitor(origin)];
  await seller.post('/api/users/signup', { email: 'seller2@example.com', password: 'tickets-please' });
  await buyer.post('/api/users/signup', { email: 'buyer2@example.com', password: 'tickets-please' });
  const { body: ticket } = await seller.post('/api/tickets', { title: 'Front row', price: 100 });
  const status = async () => (await buyer.get(`/api/tickets/${ticket.id}`)).body.status;
  const backup = await lines('tickets');
  await eventually(async () => (await buyer.post('/api/orders', orderFor([ticket.id]))).status === 201);
  await eventually(async () => (await status()) === 'reserved');

  await replace('tickets', database, those(backup));
  await eventually(async () => (await status()) === 'reserved');
});

test("another's backup and half of one are refused", async () => {
  const backup = await lines('auth');
  await expect(replace('orders', database, those(backup))).rejects.toThrow('no backup of orders');
  await expect(replace('orders', database, those([]))).rejects.toThrow('no backup of orders');
  await expect(replace('auth', database, those(backup.slice(0, -1)))).rejects.toThrow('not whole');
  expect(await replace('auth', database, those(backup))).toBe(backup.length - 2);
});
