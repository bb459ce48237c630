import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Document, MongoClient, ObjectId } from 'mongodb';
import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { ready } from './processes.ts';

/**
 * The floor of a purchase: the least that must be written where each service owns a database, and nothing around it: no
 * validation, sign-in, outbox, version or repetition. Four messages, over the suite's own adapter where there is a broker:
 *
 *   a ticket   insert it; told, insert its replica (orders)
 *   an order   find the replica, insert the order; told, insert what is owed (payments), write the hold (tickets)
 *   a payment  find what is owed, insert the payment, charge, write its outcome; told, complete the order, told, sell the ticket
 */
const { MONGO_URL = '', NATS_URL, PROVIDER_URL = '' } = process.env;
const client = await MongoClient.connect(MONGO_URL, { maxPoolSize: 50 });
type Doc = Document & { _id: string };
const of = (service: string, name: string) => client.db(`floor-${service}`).collection<Doc>(name);
const tickets = of('tickets', 'tickets');
const replicas = of('orders', 'tickets');
const orders = of('orders', 'orders');
const owed = of('payments', 'orders');
const payments = of('payments', 'payments');
await orders.createIndex({ ticketId: 1 }, { unique: true });
await payments.createIndex({ orderId: 1 }, { unique: true });

const handlers: Record<string, (data: Doc) => Promise<unknown>> = {
  'ticket:created': (ticket) => replicas.insertOne(ticket),
  'order:created': (order) =>
    Promise.all([
      owed.insertOne(order),
      tickets.updateOne({ _id: order['ticketId'] as string }, { $set: { status: 'reserved' } }),
    ]),
  'payment:created': async ({ orderId }) => {
    await orders.updateOne({ _id: orderId as string }, { $set: { status: 'complete' } });
    tell('order:completed', await found(orders, orderId as string));
  },
  'order:completed': ({ ticketId }) =>
    tickets.updateOne({ _id: ticketId as string }, { $set: { status: 'sold' } }),
};

/** The suite whose broker it shares does not hear it. */
const CHANNEL = 'floor-';
const bus = NATS_URL
  ? natsStreamingBus({
      url: NATS_URL,
      clusterId: 'ticketing',
      name: 'floor',
      log: { info: () => undefined, warn: console.error },
    })
  : undefined;
for (const [subject, handle] of Object.entries(handlers))
  bus?.subscribe({
    subject: CHANNEL + subject,
    group: 'floor',
    // What comes twice was there before.
    handle: (text) =>
      handle(JSON.parse(text) as Doc).then(
        () => undefined,
        (error: unknown) => {
          if ((error as { code?: number }).code !== 11000) throw error;
        },
      ),
  });

/** Nobody waits for it. */
const tell = (subject: string, data: Doc): void => {
  (bus ? bus.publish(CHANNEL + subject, JSON.stringify(data)) : handlers[subject]?.(data))?.catch(fail);
};
const fail = (error: unknown) => {
  console.error(error);
  process.exit(1);
};

const read = async (from: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of from) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const answer = (res: ServerResponse, status: number, body: object) => {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  res.end(text);
};

const agent = new Agent({ keepAlive: true });
const ask = async (path: string, form: string) => {
  const sent = request(`${PROVIDER_URL}/v1/payment_intents${path}`, {
    method: 'POST',
    agent,
    headers: { 'Content-Length': Buffer.byteLength(form) },
  }).end(form);
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  return JSON.parse(await read(reply)) as { id: string };
};

/** The owner's copy, as its driver adds nothing to it. */
const insert = async (into: typeof tickets, subject: string, doc: Doc) => {
  await into.insertOne(doc);
  tell(subject, doc);
  return doc;
};
/** What news has not told yet is asked for again. */
class NotYet extends Error {}
const found = async (among: typeof tickets, _id: string) => {
  const doc = await among.findOne({ _id });
  if (doc === null) throw new NotYet(_id);
  return doc;
};

const id = () => new ObjectId().toHexString();
const doors: Record<string, (body: Doc) => Promise<Doc>> = {
  '/api/tickets': ({ title, price }) =>
    insert(tickets, 'ticket:created', { _id: id(), title, price, status: 'available', at: new Date() }),
  '/api/orders': async ({ ticketIds }) => {
    const [ticketId = ''] = ticketIds as string[];
    const { price, title } = await found(replicas, ticketId);
    const order = { _id: id(), ticketId, title, price, status: 'created', at: new Date() };
    return insert(orders, 'order:created', order);
  },
  '/api/payments': async ({ orderId }) => {
    const { price } = await found(owed, orderId as string);
    const payment = { _id: id(), orderId, price, status: 'started', at: new Date() };
    await payments.insertOne(payment);
    const intent = await ask('', `amount=${price}&metadata[paymentId]=${payment._id}`);
    await ask(`/${intent.id}/confirm`, 'payment_method=pm_card_visa');
    await payments.updateOne({ _id: payment._id }, { $set: { status: 'complete', intentId: intent.id } });
    tell('payment:created', payment);
    return payment;
  },
};

const server = createServer((req, res) => {
  void read(req)
    .then((body) => doors[req.url ?? '']?.(JSON.parse(body) as Doc))
    .then(
      (doc) => answer(res, 201, { ...doc, id: doc?._id }),
      (error: unknown) => (error instanceof NotYet ? answer(res, 404, {}) : fail(error)),
    );
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port, 0));
