import { eventually } from '@ticketing/common/testing';
import { orderFor, visitor, type Visitor } from '@ticketing/suite/api';
import { MongoClient } from 'mongodb';
import { must } from '../stage.ts';
import type { StartedSuite } from '../suite.ts';

/** How long a step may wait, on a busy machine. */
export const WITHIN = { within: 120_000, every: 100 };

/** An order as its buyer was last told of it. */
export interface Told {
  id: string;
  ticketId: string;
  status: string;
}

/** What the release before acknowledged. */
export interface History {
  seller: Visitor;
  buyer: Visitor;
  email: string;
  orders: Record<
    'created' | 'given up later' | 'at the bank' | 'declined' | 'paid' | 'cancelled' | 'refunded' | 'expired',
    Told
  >;
  /** The bank's question that is open. */
  clientSecret: string;
  /** Told by nobody yet, as the broker was away. */
  unheard: { ticketId: string; order: Told };
}

const PASSWORD = 'tickets-please';

let people = 0;

/** A seller and a buyer of a suite, and what they do. */
async function two(origin: string) {
  const [seller, buyer] = [visitor(origin), visitor(origin)];
  const email = `buyer-${++people}@example.com`;
  await sign(seller, `seller-${people}@example.com`);
  await sign(buyer, email);
  const sell = async () =>
    created(await seller.post<{ id: string }>('/api/tickets', { title: 'Stalls', price: 2500 }));
  const order = async (ticketId: string): Promise<Told> => {
    const { id, status } = await eventually(
      async () => created(await buyer.post<Told>('/api/orders', orderFor([ticketId]))),
      WITHIN,
    );
    return { id, ticketId, status };
  };
  const placed = async () => order((await sell()).id);
  const pay = (of: Told, card: string) => paying(buyer, of, card);
  const becomes = async (of: Told, status: string): Promise<Told> => {
    await eventually(async () => (await read(buyer, of)).status === status, WITHIN);
    return { ...of, status };
  };
  return { seller, buyer, email, sell, order, placed, pay, becomes };
}

/** Pays an order, once the service that takes the money has heard of it. */
export const paying = (buyer: Visitor, { id }: Pick<Told, 'id'>, card: string) =>
  eventually(async () => {
    const wanted = { orderId: id, paymentMethod: `pm_card_${card}` };
    const answer = await buyer.post<{ clientSecret?: string }>('/api/payments', wanted);
    must(answer.status !== 503, () => JSON.stringify(answer.body));
    return answer;
  }, WITHIN);

/** A ticket is sold, and its price goes back. */
export async function purchase({ origin }: StartedSuite): Promise<void> {
  const { buyer, placed, pay, becomes } = await two(origin);
  const order = await placed();
  await pay(order, 'visa');
  await becomes(order, 'complete');
  await buyer.delete(`/api/orders/${order.id}`);
  await becomes(order, 'refunded');
}

/** Uses a suite of the release before until every kind of document is there. */
export async function live(suite: StartedSuite, broker: { kill(): Promise<void> }): Promise<History> {
  const { origin, running } = suite;
  const { seller, buyer, email, sell, order, placed, pay, becomes } = await two(origin);
  const orders = {
    created: await placed(),
    'given up later': await placed(),
    'at the bank': await placed(),
    declined: await placed(),
    paid: await placed(),
    cancelled: await placed(),
    refunded: await placed(),
    expired: await placed(),
  };
  await pay(orders.declined, 'visa_chargeDeclined');
  orders.declined = await becomes(orders.declined, 'created');
  const { body } = await pay(orders['at the bank'], 'authenticationRequired');
  const { clientSecret = '' } = body;
  must(clientSecret !== '', () => `the bank asks nothing: ${JSON.stringify(body)}`);
  orders['at the bank'] = await becomes(orders['at the bank'], 'awaiting:payment');
  for (const one of ['paid', 'refunded'] as const) {
    await pay(orders[one], 'visa');
    orders[one] = await becomes(orders[one], 'complete');
  }
  for (const one of ['cancelled', 'refunded'] as const) await buyer.delete(`/api/orders/${orders[one].id}`);
  orders.cancelled = await becomes(orders.cancelled, 'cancelled');
  orders.refunded = await becomes(orders.refunded, 'refunded');

  const client = await MongoClient.connect(running.mongoUrl);
  const kept = client.db('orders').collection<{ _id: string }>('orders');
  try {
    await kept.updateOne({ _id: orders.expired.id }, { $set: { expiresAt: new Date() } });
    orders.expired = await becomes(orders.expired, 'cancelled');
    const { id: heard } = await sell();
    await eventually(
      async () => (await buyer.get(`/api/tickets/${heard}`)).status === 200 && settled(client),
      WITHIN,
    );
    await broker.kill();
    const [{ id: ticketId }, late] = [await sell(), await order(heard)];
    const owed = await kept.countDocuments({ _id: late.id, 'outbox.0': { $exists: true } });
    must(owed === 1, () => 'the order without a broker is not in its outbox');
    return { seller, buyer, email, orders, clientSecret, unheard: { ticketId, order: late } };
  } finally {
    await client.close();
  }
}

export const sign = async (who: Visitor, email: string, how: 'up' | 'in' = 'up') => {
  const { status, body } = await who.post(`/api/users/sign${how}`, { email, password: PASSWORD });
  must(status < 300, () => `${email} is not signed ${how}: ${JSON.stringify(body)}`);
};

export const read = async (who: Visitor, { id }: Pick<Told, 'id'>): Promise<Told> =>
  (await who.get<Told>(`/api/orders/${id}`)).body;

const created = <T>({ status, body }: { status: number; body: T }): T => {
  must(status === 201, () => `${status}: ${JSON.stringify(body)}`);
  return body;
};

/** Whether everything that changed was told: by the release before, and by this one. */
export async function settled(client: MongoClient): Promise<boolean> {
  for (const service of ['auth', 'events', 'tickets', 'orders', 'payments', 'admissions']) {
    const collection = service === 'auth' ? 'users' : service;
    const owed = { $or: [{ 'outbox.0': { $exists: true } }, { pending: { $exists: true } }] };
    if ((await client.db(service).collection(collection).countDocuments(owed)) > 0) return false;
  }
  return true;
}
