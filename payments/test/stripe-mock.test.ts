import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stripeGateway } from '../src/stripe.ts';
import { engineIfAvailable } from '@ticketing/engines/resolve';
import { type RunningEngine, startStripeMock } from '@ticketing/engines/run';

const key = 'sk_test_123';
let mock: RunningEngine | undefined;
/** In CI it throws instead. */
const given = (await engineIfAvailable('stripe-mock')) ? test : test.skip;
beforeAll(async () => {
  if (given === test) mock = await startStripeMock();
});
afterAll(() => mock?.stop());
const url = () => mock?.url ?? '';

const gateway = () => stripeGateway({ key, webhookSecret: 'whsec_mock', url: url(), retries: 0 });
const payment = { id: 'payment-1', orderId: 'order-1', amount: 2500, currency: 'usd' };

given('what we send to create, confirm, cancel, retrieve and refund fits the OpenAPI of Stripe', async () => {
  const { create, confirm, cancel, retrieve, refund, refunds } = gateway();
  const intent = await create(payment);
  if (intent === 'key-used') throw new Error(intent);
  if ('refused' in intent) throw new Error(intent.refused);
  expect(intent.id).toMatch(/^pi_/);
  expect(intent).toMatchObject({ amount: 2500 });
  await expect(confirm(intent.id, { id: payment.id, paymentMethod: 'pm_card_visa' })).resolves.toHaveProperty(
    'id',
  );
  await expect(retrieve(intent.id)).resolves.toHaveProperty('id');
  await expect(cancel(intent.id)).resolves.toHaveProperty('id');
  await expect(refund(intent.id, { ...payment, attempt: 1 })).resolves.toHaveProperty('id');
  await expect(refunds(intent.id, payment)).resolves.toMatchObject([{ status: expect.any(String) }]);
});

given('what we ask to learn what moved without us fits it, too', async () => {
  const { disputes, since, find } = gateway();
  await expect(
    find({ id: 'payment-1', createdAt: new Date('2026-01-01T00:00:00Z') }),
  ).resolves.toBeUndefined();
  await expect(disputes('pi_1')).resolves.toMatchObject([{ status: expect.any(String) }]);
  for (const by of ['events', 'balance'] as const)
    await expect(since(new Date('2026-01-01T00:00:00Z'), by)).resolves.toEqual(expect.any(Array));
});

given('a parameter that Stripe does not know would be noticed', async () => {
  const send = (params: Record<string, string>) =>
    fetch(`${url()}/v1/payment_intents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: new URLSearchParams({ amount: '2500', currency: 'usd', ...params }),
    });
  expect((await send({})).status).toBe(200);
  expect((await send({ orderId: 'order-1' })).status).toBe(400);
});
