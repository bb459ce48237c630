import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, testHost, type TestHost } from '@ticketing/common/testing';
import request from 'supertest';
import { tickets } from '../src/service.ts';

const mongoUrl = process.env['TEST_MONGO_URL'] ?? '';
let host: TestHost;
beforeAll(async () => {
  host = await testHost([tickets], { mongoUrl, env: { CURRENCY: 'kwd' } });
});
afterAll(() => host.destroy());

const seller = bearer({ id: systemIds.next() });
const api = () => request(host.url);
const offer = (fields: object = {}) =>
  api()
    .post('/api/tickets')
    .set(seller)
    .send({ title: 'Front row', price: 5120, ...fields });
const change = (id: string, price: number) => api().patch(`/api/tickets/${id}`).set(seller).send({ price });
/** A ticket of the time when the market was in US dollars. */
const former = async () => {
  const { body } = await offer().expect(201);
  const all = host.database('tickets').connection!.collection<{ _id: string }>('tickets');
  await all.updateOne({ _id: body.id }, { $set: { currency: 'usd', price: 2555 } });
  return body.id as string;
};
const wrong = (message: string) => ({ body: { errors: [{ field: 'price', message }] } });

test('a ticket is offered in the market’s currency, for what can be charged in it', async () => {
  expect(await offer()).toMatchObject({ status: 201, body: { price: 5120, currency: 'kwd' } });
  expect(await offer({ price: 5124 })).toMatchObject(wrong('must be a multiple of 10 (0.010 KWD)'));
  expect(await offer({ price: 150 })).toMatchObject(wrong('must be at least 160 (0.160 KWD)'));
});

test('a ticket keeps its currency, and what is sold together with it has the same', async () => {
  const id = await former();
  expect(await change(id, 2565)).toMatchObject({ status: 200, body: { price: 2565, currency: 'usd' } });
  expect(await change(id, 49)).toMatchObject(wrong('must be at least 50 cents'));
  expect(await offer({ saleId: id, price: 55 })).toMatchObject({
    status: 201,
    body: { price: 55, currency: 'usd' },
  });
});

test('a price that is looked for is in the market’s currency', async () => {
  const id = await former();
  const { body } = await api().get('/api/tickets').query({ minPrice: 2000, limit: 200 }).expect(200);
  const found = body as { id: string; currency: string }[];
  expect(found.map(({ id }) => id)).not.toContain(id);
  expect(new Set(found.map(({ currency }) => currency))).toEqual(new Set(['kwd']));
});

test('the document says which prices are taken', async () => {
  const { body } = await api().get('/api/tickets/openapi.json').expect(200);
  const { schema } = body.paths['/api/tickets'].post.requestBody.content['application/json'];
  expect(schema.properties.price).toMatchObject({ minimum: 160, maximum: 99_999_990, multipleOf: 10 });
});
