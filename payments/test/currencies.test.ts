import { describe, expect, test } from '@jest/globals';
import { LEAST, leastOf } from '@ticketing/common/chargeable';
import { mostOf, stepOf } from '@ticketing/common/currency';
import { systemIds } from '@ticketing/common/runtime';
import request from 'supertest';
import { stripeGateway } from '../src/stripe.ts';
import { held, inDashboard, key, list, newest, ordered, pay, refundsOf, sandbox, secret } from './shop.ts';

const gateway = () =>
  stripeGateway({ key, webhookSecret: secret, url: sandbox.url, timeoutMs: 60_000, concurrency: 20 });
const create = (amount: number, currency: string) =>
  gateway().create({ id: systemIds.next(), orderId: systemIds.next(), amount, currency });

describe('the provider', () => {
  test('charges the least and the most that we let be asked for, in every currency', async () => {
    for (const currency of Object.keys(LEAST))
      for (const amount of [leastOf(currency), leastOf(currency) + stepOf(currency), mostOf(currency)])
        expect([currency, await create(amount, currency)]).toMatchObject([currency, { amount }]);
  });

  test.each([
    [2500, 'xyz', 'Invalid currency: xyz'],
    [2500, 'bgn', 'Invalid currency: bgn'],
    [49, 'usd', 'Amount must be at least 0.50 usd'],
    [49, 'jpy', 'Amount must be at least 50 jpy'],
    [2500, 'huf', 'Amount must be at least 175.00 huf'],
    [100_000_000, 'usd', 'Amount must be no more than 999999.99 usd'],
    [5124, 'kwd', 'Invalid amount: in kwd it must be a multiple of 10'],
    [12_350, 'isk', 'Invalid amount: in isk it must be a multiple of 100'],
    [200_001, 'ugx', 'Invalid amount: in ugx it must be a multiple of 100'],
  ])('refuses %i of %s', async (amount, currency, refused) => {
    expect(await create(amount, currency)).toEqual({ refused: expect.stringContaining(refused) });
  });
});

describe.each([
  ['jpy', 2500],
  ['kwd', 5120],
  ['isk', 12_300],
  ['idr', 250_000_000],
])('an order in %s', (currency, total) => {
  const sale = () => ordered(900, total, { currency });

  test('is charged as much as it costs, in that currency', async () => {
    const order = await sale();
    const { body } = await pay(order).expect(201);
    expect(body).toMatchObject({ status: 'succeeded', amount: total, currency });
    expect(await held(order)).toBe(total);
  });

  test('is given back whole, also what a part of was given back before', async () => {
    const order = await sale();
    await pay(order).expect(201);
    const part = 10 * stepOf(currency);
    await inDashboard(order, part);
    await order.becomes('complete');
    await order.becomes('cancelled', { reason: 'seller' });
    expect(await newest(order)).toMatchObject({ status: 'refunded', refundedAmount: total, currency });
    expect((await refundsOf(order)).map(({ amount }) => amount).sort()).toEqual([total - part, part].sort());
    expect(await held(order)).toBe(0);
  });
});

test('a part that is no amount of the currency is not given back', async () => {
  const order = await ordered(900, 5120, { currency: 'kwd' });
  await pay(order).expect(201);
  const [charged] = await list(order);
  const { body } = await request(sandbox.url)
    .get('/v1/payment_intents')
    .set('Authorization', `Bearer ${key}`)
    .expect(200);
  const intent = (body.data as { id: string; metadata: { paymentId: string } }[]).find(
    ({ metadata }) => metadata.paymentId === charged?.id,
  );
  expect(await gateway().refund(intent!.id, { id: charged!.id, attempt: 1, amount: 1234 })).toEqual({
    refused: expect.stringContaining('multiple of 10'),
  });
  expect(await held(order)).toBe(5120);
});
