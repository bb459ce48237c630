import { expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import request from 'supertest';
import {
  clock,
  host,
  key,
  metric,
  newest,
  paid,
  refundsOf,
  type Sale,
  sandbox,
  stored,
  stripe,
  webhook,
} from './shop.ts';

const disputeOf = async (sale: Sale) => {
  const { intentId } = (await stored((await newest(sale)).id))!;
  const { data } = await stripe(`/disputes?payment_intent=${intentId}`);
  return (data as { id: string; status: string }[])[0]!;
};
/** The bank decides, by Stripe's evidence for tests. */
const decides = async (sale: Sale, outcome: 'winning' | 'losing') => {
  const { id } = await disputeOf(sale);
  await request(sandbox.url)
    .post(`/v1/disputes/${id}`)
    .set('Authorization', `Bearer ${key}`)
    .type('form')
    .send({ evidence: { uncategorized_text: `${outcome}_evidence` }, submit: 'true' })
    .expect(200);
};
const TYPES = ['created', 'updated', 'closed', 'funds_withdrawn', 'funds_reinstated'];
/** Everything that could be told, twice, and in another order than it happened. */
const allTold = async (sale: Sale) => {
  const dispute = await disputeOf(sale);
  for (const type of [...TYPES, ...TYPES].reverse())
    await webhook(`charge.dispute.${type}`, dispute).expect(204);
};
const opened = async () => {
  const before = await metric('disputes_total{status="open"}');
  const sale = await paid('pm_card_createDispute');
  await allTold(sale);
  expect(await newest(sale)).toMatchObject({
    status: 'succeeded',
    dispute: { status: 'open', amount: 2500 },
  });
  expect(await metric('disputes_total{status="open"}')).toBe(before + 1);
  return sale;
};

test('a dispute that is won leaves all as it was', async () => {
  const sale = await opened();
  await decides(sale, 'winning');
  await allTold(sale);
  const now = await newest(sale);
  expect(now).toMatchObject({ status: 'succeeded', dispute: { status: 'won' } });
  expect(now).not.toHaveProperty('refundedAmount');
});

test('a dispute that is lost is money that went back', async () => {
  const sale = await opened();
  await decides(sale, 'losing');
  await allTold(sale);
  expect(await newest(sale)).toMatchObject({
    status: 'refunded',
    reason: 'The bank decided a dispute for the buyer',
    refundedAmount: 2500,
    dispute: { status: 'lost', amount: 2500 },
  });
});

test.each(['winning', 'losing'] as const)(
  'the money of an order that is cancelled meanwhile goes back once: %s',
  async (outcome) => {
    const sale = await opened();
    await sale.becomes('cancelled');
    expect(await newest(sale)).toMatchObject({ status: 'succeeded', refund: { status: 'pending' } });
    expect(await refundsOf(sale)).toEqual([]);
    await decides(sale, outcome);
    await allTold(sale);
    await eventually(async () => expect(await newest(sale)).toMatchObject({ status: 'refunded' }));
    expect(await newest(sale)).toMatchObject({ refundedAmount: 2500, refund: { status: 'succeeded' } });
    expect(await refundsOf(sale)).toHaveLength(outcome === 'winning' ? 1 : 0);
  },
);

test('a refund that is refused because of a dispute of which nothing was heard waits for the bank', async () => {
  const sale = await paid('pm_card_createDispute');
  await sale.becomes('cancelled');
  await eventually(async () =>
    expect(await newest(sale)).toMatchObject({ refund: { status: 'pending' }, dispute: { status: 'open' } }),
  );
});

test('an inquiry takes no money, and is over when it is closed', async () => {
  const sale = await paid('pm_card_createDisputeInquiry');
  await allTold(sale);
  expect(await newest(sale)).toMatchObject({ dispute: { status: 'open' } });
  await decides(sale, 'losing');
  await allTold(sale);
  expect(await newest(sale)).toMatchObject({ status: 'succeeded', dispute: { status: 'won' } });
});

test('disputes are learnt without any webhook', async () => {
  const sale = await paid('pm_card_createDispute');
  await eventually(async () => {
    clock.forward(5000);
    expect(await newest(sale)).toMatchObject({ dispute: { status: 'open' } });
  });
});

test('a warning of fraud is told once', async () => {
  const before = await metric('fraud_warnings_total');
  const sale = await paid('pm_card_createIssuerFraudRecord');
  const { id } = await newest(sale);
  const { intentId } = (await stored(id))!;
  const warning = { object: 'radar.early_fraud_warning', payment_intent: intentId };
  for (let times = 0; times < 3; times++)
    await webhook('radar.early_fraud_warning.created', warning).expect(204);
  expect(await metric('fraud_warnings_total')).toBe(before + 1);
  const payments = host.database('payments').connection!.collection<{ _id: string }>('payments');
  expect(await payments.findOne({ _id: id })).toMatchObject({ warnedAt: expect.any(Date) });
});
