import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import {
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  type OrderStatus,
  OrderUpdated,
} from '@ticketing/common/contracts/order';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, movableClock, tell, testHost, type TestHost } from '@ticketing/common/testing';
import { type Sandbox, startSandbox } from '@ticketing/sandbox/sandbox';
import { sign } from '@ticketing/sandbox/webhooks';
import { MongoClient } from 'mongodb';
import request from 'supertest';
import { payments } from '../src/service.ts';
import { stripeGateway } from '../src/stripe.ts';

const mongoUrl = process.env['TEST_MONGO_URL'] ?? '';
const database = `test-sandbox-${randomBytes(4).toString('hex')}`;
export const key = 'sk_test_payments';
export const secret = 'whsec_payments';
export const clock = movableClock();
export let sandbox: Sandbox;
export let host: TestHost;
let books: MongoClient;
/** The provider's own database. */
export const provider = () => books.db(database);
export const events: { type: string; data: Record<string, unknown> }[] = [];

/**
 * The real gateway, but as patient as a slow machine needs, and with a breaker that never opens (`gateway.test.ts` tries it),
 * so that an outage is over when its fault is cleared.
 */
const impatientStripe: Parameters<typeof payments>[0] = ({ STRIPE_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_URL }) =>
  stripeGateway({
    key: STRIPE_KEY,
    webhookSecret: STRIPE_WEBHOOK_SECRET,
    ...(STRIPE_URL !== undefined && { url: STRIPE_URL }),
    timeoutMs: 60_000,
    breaker: { failures: 1_000_000, halfOpenAfterMs: 500 },
  });

beforeAll(async () => {
  books = await MongoClient.connect(mongoUrl);
  sandbox = await startSandbox({ mongoUrl, database, key, now: () => clock.now().getTime() });
  host = await testHost([payments(impatientStripe)], {
    mongoUrl,
    clock,
    env: {
      STRIPE_KEY: key,
      STRIPE_WEBHOOK_SECRET: secret,
      STRIPE_URL: sandbox.url,
      SWEEP_SECONDS: '1',
      PROVIDER_SWEEP_SECONDS: '5',
    },
  });
  for (const subject of ['payment:started', 'payment:created', 'payment:failed', 'payment:refunded']) {
    const handle = async (message: string) =>
      void events.push(JSON.parse(message) as (typeof events)[number]);
    host.bus.subscribe({ subject, group: 'test', handle });
  }
});
afterAll(async () => {
  await host.destroy();
  await sandbox.close();
  await provider().dropDatabase();
  await books.close();
});
export const api = () => request(host.url);
export const fault = async (body: object) =>
  expect((await request(sandbox.url).post('/sandbox/faults').send(body)).status).toBe(201);
export const faults = async () => (await request(sandbox.url).get('/sandbox/faults')).body as object[];
/** What a delay holds up goes on. */
export const release = () => request(sandbox.url).delete('/sandbox/faults').expect(204);
afterEach(release);

export const authenticate = (clientSecret: string, outcome: 'complete' | 'fail') =>
  request(sandbox.url).post('/sandbox/browser/authenticate').send({ client_secret: clientSecret, outcome });

export interface Sale {
  id: string;
  userId: string;
  headers: { authorization: string };
  /** Tells `payments` what became of the order. */
  becomes(status: OrderStatus, fields?: object): Promise<void>;
}
/** An order of a buyer, as `orders` would tell it. */
export const ordered = async (
  holdSeconds = 900,
  total = 2500,
  { currency = 'usd', first = 'created' }: { currency?: string; first?: OrderStatus } = {},
): Promise<Sale> => {
  const [id, userId] = [systemIds.next(), systemIds.next()];
  const at = clock.now();
  let version = -1;
  const becomes = (status: OrderStatus, fields: object = {}) => {
    version += 1;
    const type = { cancelled: OrderCancelled, complete: OrderCompleted }[status as string] ?? OrderUpdated;
    return tell(
      host.bus,
      (version === 0 && status === 'created' ? OrderCreated : type)({
        id,
        version,
        userId,
        status,
        saleId: id,
        items: [
          {
            ticketId: systemIds.next(),
            ticketVersion: 0,
            title: 'Seat',
            price: total,
            sellerId: systemIds.next(),
          },
        ],
        total,
        currency,
        expiresAt: new Date(at.getTime() + holdSeconds * 1000),
        createdAt: at,
        updatedAt: at,
        ...fields,
      }),
    );
  };
  await becomes(first);
  return { id, userId, headers: bearer({ id: userId }, 999_999), becomes };
};
export const pay = (
  sale: Pick<Sale, 'id' | 'headers'>,
  paymentMethod = 'pm_card_visa',
  idempotencyKey?: string,
) => {
  const asked = api().post('/api/payments').set(sale.headers);
  return (idempotencyKey === undefined ? asked : asked.set('Idempotency-Key', idempotencyKey)).send({
    orderId: sale.id,
    paymentMethod,
  });
};
export const list = async (sale: Sale) =>
  (await api().get('/api/payments').query({ orderId: sale.id }).set(sale.headers).expect(200)).body as {
    id: string;
    status: string;
    version: number;
    reason?: string;
    refundedAmount?: number;
  }[];
export const newest = async (sale: Sale) => (await list(sale))[0]!;
export const stored = (id: string) =>
  host
    .database('payments')
    .connection!.collection<{ _id: string; intentId: string }>('payments')
    .findOne({ _id: id });
export const stripe = async (path: string) =>
  (await request(sandbox.url).get(`/v1${path}`).set('Authorization', `Bearer ${key}`).expect(200)).body;
export const intents = async (sale: Sale) => {
  const ids = await Promise.all((await list(sale)).map(async ({ id }) => (await stored(id))!.intentId));
  return Promise.all(ids.filter(Boolean).map((id) => stripe(`/payment_intents/${id}`)));
};
/** All the money that Stripe took for an order and did not give back. */
export const held = async (sale: Sale) => {
  let sum = 0;
  for (const { id } of await intents(sale)) {
    const { data: charges } = await stripe(`/charges?payment_intent=${id}`);
    for (const { paid, amount, amount_refunded } of charges) sum += paid ? amount - amount_refunded : 0;
  }
  return sum;
};
export const webhook = (
  type: string,
  object: object,
  {
    body = JSON.stringify({ id: `evt_${systemIds.next()}`, object: 'event', type, data: { object } }),
    signature = sign(body, secret, Math.floor(Date.now() / 1000)),
  } = {},
) =>
  api()
    .post('/api/payments/webhook')
    .set('Content-Type', 'application/json')
    .set('Stripe-Signature', signature)
    .send(body);
export const about = (id: string, paymentId?: string) => ({
  id,
  object: 'payment_intent',
  ...(paymentId !== undefined && { metadata: { paymentId } }),
});

/** As somebody does in the provider's dashboard: nothing of it says that it was we. */
export const inDashboard = async (sale: Sale, amount?: number, known?: string) => {
  const intentId = known ?? (await stored((await newest(sale)).id))!.intentId;
  const { body } = await request(sandbox.url)
    .post('/v1/refunds')
    .set('Authorization', `Bearer ${key}`)
    .type('form')
    .send({ payment_intent: intentId, ...(amount !== undefined && { amount }) })
    .expect(200);
  return body as object;
};
export const refundsOf = async (sale: Sale) => {
  const { intentId } = (await stored((await newest(sale)).id))!;
  const { data } = await stripe(`/refunds?payment_intent=${intentId}&limit=100`);
  return data as { id: string; amount: number; status: string }[];
};
export const paid = async (card = 'pm_card_visa') => {
  const sale = await ordered();
  await pay(sale, card).expect(201);
  return sale;
};
export const told = (sale: Sale) =>
  events.filter(({ data }) => data['orderId'] === sale.id).map(({ type }) => type);
export const metric = async (name: string) => {
  const text = await (await fetch(`${host.operationalUrl}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`ticketing_${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
};
