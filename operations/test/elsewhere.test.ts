import { expect, test } from '@jest/globals';
import { withDatabases } from '../src/databases.ts';
import { elsewhere } from '../src/elsewhere.ts';

const urls = Object.fromEntries(
  ['AUTH', 'EVENTS', 'TICKETS', 'ORDERS', 'PAYMENTS', 'ADMISSIONS'].map((owner) => [
    `${owner}_MONGO_URL`,
    `mongodb://${owner}.test`,
  ]),
);

test('a suite elsewhere is known by the databases that the environment names', () => {
  expect(elsewhere({ MONGO_URL: 'mongodb://here.test' })).toBeUndefined();
  expect(elsewhere(urls)).toMatchObject({
    origin: 'https://ticketing.dev',
    mongoUrls: { auth: 'mongodb://AUTH.test', payments: 'mongodb://PAYMENTS.test' },
  });
  expect(() => elsewhere({ ...urls, AUTH_MONGO_URL: '' })).toThrow('AUTH_MONGO_URL is missing');
});

test('each owner is looked for where it is', async () => {
  const mongoUrl = process.env['TEST_MONGO_URL']!;
  const mongoUrls = { orders: mongoUrl.replace('127.0.0.1', 'localhost') };
  await withDatabases({ mongoUrl, mongoUrls }, async (database) => {
    expect(database('auth').client).not.toBe(database('orders').client);
    expect(database('auth').client).toBe(database('tickets').client);
    for (const owner of ['auth', 'orders'])
      expect(await database(owner).command({ ping: 1 })).toMatchObject({ ok: 1 });
  });
});
