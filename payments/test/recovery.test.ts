import { describe, expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import request from 'supertest';
import {
  about,
  authenticate,
  clock,
  fault,
  faults,
  held,
  host,
  inDashboard,
  key,
  newest,
  ordered,
  pay,
  provider,
  release,
  type Sale,
  sandbox,
  stored,
  stripe,
  webhook,
} from './shop.ts';

const HOUR = 3600_000;
const collection = () => host.database('payments').connection!.collection<{ _id: string }>('payments');
/** Charged, and then the process was gone: nothing of it is written down. */
const cutShort = async (card = 'pm_card_visa') => {
  const sale = await ordered(48 * 3600);
  await fault({ kind: 'drop', path: '/confirm', count: 3 });
  await pay(sale, card, 'k1').expect(503);
  const { id } = await newest(sale);
  await collection().updateOne({ _id: id }, { $unset: { intentId: '' } });
  return { sale, id };
};
const ofSale = async (sale: Sale) => {
  const { data } = await stripe('/payment_intents?limit=100');
  return (data as { id: string; status: string; metadata: { orderId: string } }[]).filter(
    ({ metadata }) => metadata.orderId === sale.id,
  );
};
const charged = async (sale: Sale) =>
  (await ofSale(sale)).filter(({ status }) => status === 'succeeded').length;
const becomes = (sale: Sale, status: string) =>
  eventually(async () => expect(await newest(sale)).toMatchObject({ status }), { within: 120_000 });

test('a payment is one insert and one write, and knows its intent', async () => {
  const sale = await ordered();
  const { body } = await pay(sale).expect(201);
  expect(body).toMatchObject({ version: 1, status: 'succeeded' });
  expect((await stored(body.id as string))!.intentId).toMatch(/^pi_/);
  const declined = await ordered();
  await pay(declined, 'pm_card_chargeDeclined').expect(402);
  expect(await newest(declined)).toMatchObject({ version: 1, status: 'failed' });
});

describe('a payment that was cut short after its charge', () => {
  test('is recorded by recovery: the create is answered as the first time, so the intent is asked for', async () => {
    const { sale } = await cutShort();
    clock.forward(31_000);
    await becomes(sale, 'succeeded');
    expect(await held(sale)).toBe(2500);
  });

  test('is recorded by the request that comes again, by another attempt, and by the end of its order', async () => {
    const { sale: again } = await cutShort();
    expect((await pay(again, 'pm_card_visa', 'k1').expect(201)).body).toMatchObject({ status: 'succeeded' });
    const { sale: other } = await cutShort();
    expect((await pay(other).expect(409)).body.detail).toBe('The order is already paid');
    const { sale: over } = await cutShort();
    await over.becomes('cancelled', { reason: 'buyer' });
    await becomes(over, 'refunded');
    for (const [sale, kept] of [
      [again, 2500],
      [other, 2500],
      [over, 0],
    ] as const) {
      expect(await held(sale)).toBe(kept);
      expect(await ofSale(sale)).toHaveLength(1);
    }
  });

  test('is recorded by a webhook, which brings the id; then what was given back of it is, too', async () => {
    const { sale, id } = await cutShort();
    const [intent] = await ofSale(sale);
    await webhook('payment_intent.succeeded', about(intent!.id, id)).expect(204);
    expect(await newest(sale)).toMatchObject({ status: 'succeeded' });
    const { sale: back, id: paid } = await cutShort();
    const [given] = await ofSale(back);
    const refund = await inDashboard(back, undefined, given!.id);
    // Whose it is, nobody knows yet; it is heard again, as the provider is asked for what it told.
    await webhook('refund.created', refund).expect(204);
    expect(await newest(back)).toMatchObject({ status: 'started' });
    await webhook('payment_intent.succeeded', about(given!.id, paid)).expect(204);
    await webhook('refund.created', refund).expect(204);
    expect(await newest(back)).toMatchObject({ status: 'refunded', refundedAmount: 2500 });
  });

  test('is found when the provider knows the key for another request, and is no failure', async () => {
    const { sale, id } = await cutShort();
    const keys = provider().collection<{ _id: string }>('requests');
    await keys.updateOne({ _id: `payment:${id}:create` }, { $set: { fingerprint: 'of another release' } });
    clock.forward(31_000);
    await becomes(sale, 'succeeded');
    expect(await ofSale(sale)).toHaveLength(1);
  });

  test('is found a day later, when the key is forgotten, and never made anew', async () => {
    const { sale } = await cutShort();
    await provider().collection('requests').deleteMany({});
    clock.forward(23 * HOUR);
    await becomes(sale, 'succeeded');
    expect(await ofSale(sale)).toHaveLength(1);
    expect(await held(sale)).toBe(2500);
  });
});

test('a payment that never reached the provider is given up a day later, and makes no intent', async () => {
  const sale = await ordered(48 * 3600);
  await fault({ kind: 'error', status: 503, path: '/payment_intents' });
  await pay(sale).expect(503);
  await release();
  clock.forward(23 * HOUR);
  await becomes(sale, 'failed');
  expect(await ofSale(sale)).toEqual([]);
});

test('one whose key made another request and no intent is given up after a minute, and its order can be paid', async () => {
  const sale = await ordered(48 * 3600);
  await fault({ kind: 'error', status: 503, path: '/payment_intents', count: 3 });
  await pay(sale).expect(503);
  const { id } = await newest(sale);
  await request(sandbox.url)
    .post('/v1/payment_intents')
    .set({ Authorization: `Bearer ${key}`, 'Idempotency-Key': `payment:${id}:create` })
    .type('form')
    .send({
      amount: 50,
      currency: 'usd',
      automatic_payment_methods: { enabled: 'true', allow_redirects: 'never' },
      metadata: { of: 'another release' },
    })
    .expect(200);
  clock.forward(31_000);
  await eventually(async () => expect(await collection().findOne({ _id: id })).toHaveProperty('lookedAt'));
  await pay(sale).expect(503);
  clock.forward(31_000);
  await becomes(sale, 'failed');
  await pay(sale).expect(201);
  expect(await charged(sale)).toBe(1);
});

test.each([1, 2])(
  'refused %i times while the one who began it is still at work, an order is charged once',
  async (count) => {
    const sale = await ordered();
    await fault({ kind: 'delay', ms: 60_000, path: 'POST /v1/payment_intents$', count: 1 });
    const paying = pay(sale).then((reply) => reply);
    await eventually(async () => expect(await faults()).toEqual([]));
    await fault({ kind: 'error', status: 400, path: 'POST /v1/payment_intents$', count });
    const asking = pay(sale).then((reply) => reply);
    if (count === 1) await eventually(async () => expect(await faults()).toEqual([]));
    else await asking;
    await release();
    const [first, second] = await Promise.all([paying, asking]);
    const paid = [first, second].filter(({ status }) => status === 201);
    expect(paid).toHaveLength(1);
    expect(await charged(sale)).toBe(1);
    // Who was refused for good is told so, though the provider took the same in the end.
    if (count === 2) expect(first.status).toBe(402);
  },
);

test('a challenge of which nothing was written down is found, and left to its buyer', async () => {
  const { sale, id } = await cutShort('pm_card_authenticationRequired');
  clock.forward(31_000);
  await eventually(async () => expect(await stored(id)).toMatchObject({ challenged: true }));
  expect(await newest(sale)).toMatchObject({ status: 'started' });
  expect((await ofSale(sale))[0]).toMatchObject({ status: 'requires_action' });
});

test('one that waits for its buyer is not ended by a repeat of the create', async () => {
  const sale = await ordered();
  const { body } = await pay(sale, 'pm_card_authenticationRequired', 'k1').expect(202);
  expect((await stored(body.id as string))!.intentId).toMatch(/^pi_/);
  await authenticate(body.clientSecret as string, 'complete').expect(200);
  expect((await pay(sale, 'pm_card_authenticationRequired', 'k1').expect(201)).body).toMatchObject({
    id: body.id,
  });
});
