import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { eventually } from '@ticketing/common/testing';
import { orderFor, type Visitor, visitor } from '@ticketing/suite/api';
import { withDatabases } from '@ticketing/operations/databases';
import { type Shape, startSuite } from '../suite.ts';
import { bare, inDatabase } from './paths.ts';

/** Times in milliseconds, of one request after the other, nothing else in flight. */
export interface Latency {
  shape: Shape;
  /** One insert through a bare server. */
  write: number[];
  /** From the click on *reserve* to the order being `complete`. */
  purchase: number[];
  /** Of that: what the payment provider's stand-in takes for its part. */
  provider: number[];
  /** From a ticket's 201 to the moment at which `orders` knows it. */
  effect: number[];
}

/** Left out, while code is being compiled. */
const WARM_UP = 10;

/** Buys `count` tickets in the suite as a user would start it, each step beside one write of the floor. */
export async function latency(shape: Shape, count: number): Promise<Latency> {
  const suite = await startSuite(shape);
  try {
    const { mongoUrl, mongoUrls = {}, sandboxUrl, sandboxKey } = suite.running;
    const floor = await bare(inDatabase(mongoUrls['orders'] ?? mongoUrl, 'floor'));
    const seller = await signedUp(suite.origin, 'seller');
    const buyer = await signedUp(suite.origin, 'buyer');
    const result = empty(shape);
    const write = () => reach(fetch(`http://127.0.0.1:${floor.port}/write`, { method: 'POST' }), 201);
    const ask = (path: string, form: Record<string, string>) =>
      reach<{ id: string }>(
        fetch(`${sandboxUrl}/v1/payment_intents${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${sandboxKey}`, 'idempotency-key': randomUUID() },
          body: new URLSearchParams(form),
        }),
        200,
      );
    const charge = async () => {
      const { id } = await ask('', {
        amount: '2500',
        currency: 'usd',
        'automatic_payment_methods[enabled]': 'true',
        'automatic_payment_methods[allow_redirects]': 'never',
      });
      await ask(`/${id}/confirm`, { payment_method: 'pm_card_visa' });
    };
    try {
      await withDatabases(suite.running, async (database) => {
        const known = database('orders').collection<{ _id: string }>('tickets');
        for (let n = -WARM_UP; n < count; n++) {
          const times = n < 0 ? empty(shape) : result;
          times.write.push(await timed(write));
          const id = await offer(seller, n);
          times.effect.push(
            await timed(async () => {
              while (!(await known.findOne({ _id: id }, { projection: { _id: 1 } }))) await turn();
            }),
          );
          times.purchase.push(await timed(() => buy(buyer, id)));
          times.provider.push(await timed(charge));
        }
      });
    } finally {
      await floor.stop();
    }
    return result;
  } finally {
    await suite.destroy();
  }
}

const empty = (shape: Shape): Latency => ({ shape, write: [], purchase: [], provider: [], effect: [] });

const timed = async (work: () => Promise<unknown>) => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

const reach = async <T>(answer: Promise<Response>, status: number): Promise<T> => {
  const reply = await answer;
  const text = await reply.text();
  if (reply.status !== status) throw new Error(`answered ${reply.status}: ${text}`);
  return JSON.parse(text) as T;
};

async function signedUp(origin: string, name: string): Promise<Visitor> {
  const who = visitor(origin);
  await who.post('/api/users/signup', { email: `${name}@example.com`, password: 'a long password' });
  return who;
}

async function offer(seller: Visitor, n: number): Promise<string> {
  const { status, body } = await seller.post('/api/tickets', { title: `Latency, seat ${n}`, price: 2500 });
  if (status !== 201) throw new Error(`POST /api/tickets: ${status}`);
  return body.id;
}

async function buy(buyer: Visitor, ticketId: string) {
  const order = await buyer.post('/api/orders', orderFor([ticketId]));
  if (order.status !== 201) throw new Error(`POST /api/orders: ${order.status}`);
  const paid = await buyer.post('/api/payments', { orderId: order.body.id, paymentMethod: 'pm_card_visa' });
  if (paid.status !== 201) throw new Error(`POST /api/payments: ${paid.status}`);
  const path = `/api/orders/${order.body.id}`;
  await eventually(async () => (await buyer.get(path)).body.status === 'complete', { every: 1 });
}
