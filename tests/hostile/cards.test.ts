import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { orderFor, visitor, type Visitor } from '@ticketing/suite/api';
import { PASSWORD } from '@ticketing/suite/samples';
import { START_LIMIT, type StartedSuite, startSuite } from '../suite.ts';

let suite: StartedSuite;
beforeAll(async () => {
  suite = await startSuite('monolith', { RATE_LIMIT: 'on', LOG_LEVEL: 'warn' });
}, START_LIMIT);
afterAll(() => suite.destroy());

let people = 0;
const person = async () => {
  const somebody = visitor(suite.origin);
  const email = `hostile-${(people += 1)}@example.com`;
  expect((await somebody.post('/api/users/signup', { email, password: PASSWORD })).status).toBe(201);
  return somebody;
};
const reserved = async (buyer: Visitor, seller: Visitor) => {
  const ticket = await seller.post<{ id: string }>('/api/tickets', { title: 'Front row', price: 2500 });
  const { status, body } = await buyer.post<{ id: string }>('/api/orders', orderFor([ticket.body.id]));
  expect(status).toBe(201);
  return { id: body.id, ticketId: ticket.body.id };
};
const tries = async (
  buyer: Visitor,
  orderId: string,
  count: number,
  paymentMethod = 'pm_card_chargeDeclined',
) => {
  const replies: { status: number; detail: string }[] = [];
  for (let n = 0; n < count; n++) {
    const { status, body } = await buyer.post<{ detail: string }>('/api/payments', {
      orderId,
      paymentMethod,
    });
    replies.push({ status, detail: body.detail });
  }
  return replies;
};

test('whoever tries forty cards on an order gets ten answers, loses the order, and is told of', async () => {
  const [buyer, seller] = [await person(), await person()];
  const order = await reserved(buyer, seller);
  const replies = await tries(buyer, order.id, 40);
  expect(replies.filter(({ status }) => status === 402).length).toBeLessThanOrEqual(9);
  expect(replies.at(-1)).toMatchObject({ status: 409 });
  const statusOf = async (path: string) => (await buyer.get<{ status: string }>(path)).body.status;
  await eventually(async () => expect(await statusOf(`/api/orders/${order.id}`)).toBe('cancelled'));
  await eventually(async () => expect(await statusOf(`/api/tickets/${order.ticketId}`)).toBe('available'));
  expect(suite.output()).toMatch(/"by":"order".*too many cards were declined/);
  expect(suite.output()).not.toMatch(/visa0002|pm_card/);

  // Another order is no way on: twenty of a user are refused everywhere, and told until when.
  const next = await reserved(buyer, seller);
  await tries(buyer, next.id, 11);
  const last = await reserved(buyer, seller);
  const [refused] = await tries(buyer, last.id, 1);
  expect(refused).toMatchObject({ status: 429, detail: expect.stringMatching(/try again in \d+ minutes$/) });
});

test('somebody else, behind the same address, buys meanwhile', async () => {
  const [buyer, seller] = [await person(), await person()];
  const order = await reserved(buyer, seller);
  const refused = await tries(buyer, order.id, 2, 'pm_card_visa_chargeDeclinedInsufficientFunds');
  expect(refused.map(({ status }) => status)).toEqual([402, 402]);
  const paid = await buyer.post('/api/payments', { orderId: order.id, paymentMethod: 'pm_card_visa' });
  expect(paid.status).toBe(201);
});
