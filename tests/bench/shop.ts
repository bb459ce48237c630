import { setTimeout as delay } from 'node:timers/promises';
import { TEST_KEYS } from '@ticketing/common/testing';
import { orderFor } from '@ticketing/suite/api';
import { type Shape, type StartedSuite, startSuite } from '../suite.ts';
import { type Connection, open, type Reply } from './connection.ts';
import { connect, idAt, seedTickets, somebody } from './data.ts';
import { request } from './load.ts';

/** Tickets that can be bought while measuring. */
const TICKETS = 100_000;
/** How often a buyer sends a payment again that was refused for want of room, as the pages do. */
const ATTEMPTS = 3;

/** The suite as a user starts it, with its payment sandbox, and tickets to buy. */
export interface Shop {
  suite: StartedSuite;
  port: number;
  /** A ticket that nobody has bought. */
  next(): string;
  /** Orders that are complete. */
  completed(): Promise<number>;
  close(): Promise<void>;
}

export async function openShop(shape: Shape, settings: Record<string, string> = {}): Promise<Shop> {
  const suite = await startSuite(shape, { ...TEST_KEYS, ...settings });
  const client = await connect(suite.running.mongoUrl);
  await seedTickets(client.db('tickets'), TICKETS);
  await seedTickets(client.db('orders'), TICKETS, { replica: true });
  let sold = 0;
  return {
    suite,
    port: Number(new URL(suite.origin).port),
    next() {
      if (sold === TICKETS) throw new Error('no tickets left; measure for a shorter time');
      return idAt(sold++);
    },
    completed: () => client.db('orders').collection('orders').countDocuments({ status: 'complete' }),
    async close() {
      await client.close();
      await suite.destroy();
    },
  };
}

/** Servers close what was idle for longer, in milliseconds. */
const IDLE = 30_000;

/** Connections that are used again when they are free, and opened when none is; who comes when there are `most` waits for one. */
export function pool(port: number, most = Infinity) {
  let free: { connection: Connection; since: number }[] = [];
  let used = 0;
  const line: (() => void)[] = [];
  const take = async () => {
    if (used >= most) await new Promise<void>((resolve) => line.push(resolve));
    const idle = performance.now() - IDLE;
    for (const { connection } of free.filter(({ since }) => since < idle)) connection.close();
    free = free.filter(({ since }) => since >= idle);
    used += 1;
    return free.pop()?.connection ?? open(port);
  };
  return {
    async ask(bytes: string): Promise<Reply> {
      const connection = await take();
      const reply = await connection.ask(bytes);
      free.push({ connection, since: performance.now() });
      used -= 1;
      line.shift()?.();
      return reply;
    },
    close() {
      for (const { connection } of free) connection.close();
    },
  };
}
export type Pool = ReturnType<typeof pool>;

/** Calls `begin` so many times a second, whatever becomes of the calls: an open loop, until `over` aborts. Resolves when all have ended. */
export async function arrivals(
  perSecond: number,
  seconds: number,
  begin: () => Promise<void>,
  over = new AbortController(),
): Promise<void> {
  const start = performance.now();
  const begun: Promise<void>[] = [];
  for (let now = start; now < start + seconds * 1000 && !over.signal.aborted; now = performance.now()) {
    const due = ((now - start) / 1000) * perSecond;
    while (begun.length < due) begun.push(begin());
    await delay(5);
  }
  over.abort();
  await Promise.all(begun);
}

/** What became of the purchases that arrived. */
export interface Purchases {
  begun: number;
  /** Turned away at their first step, 503 or 429. */
  refused: number;
  /** Reserved, and the payment was refused to the end. */
  stranded: number;
  paid: number;
  /** Milliseconds to each answer that was no refusal for want of room, and to each that was. */
  accepted: number[];
  refusals: number[];
  /** What refusals said, and answers that make no sense, each with how often. */
  reasons: Map<string, number>;
  odd: Map<string, number>;
}

export const noPurchases = (): Purchases => ({
  begun: 0,
  refused: 0,
  stranded: 0,
  paid: 0,
  accepted: [],
  refusals: [],
  reasons: new Map(),
  odd: new Map(),
});

const isRefusal = ({ status }: Reply) => status === 503 || status === 429;

/** Somebody reserves a ticket and pays it; who is told to come back later does so to pay, not to reserve. */
export async function purchase(ask: Pool['ask'], ticketId: string, tally: Purchases): Promise<void> {
  const cookie = somebody();
  const note = (reply: Reply, wanted: number) => {
    (isRefusal(reply) ? tally.refusals : tally.accepted).push(reply.ms);
    if (reply.status === wanted) return;
    const { detail = reply.body } = JSON.parse(reply.body) as { detail?: string };
    const said = `${reply.status} ${detail.replace(/[0-9a-f]{24}/g, '…')}`;
    const told = isRefusal(reply) ? tally.reasons : tally.odd;
    told.set(said, (told.get(said) ?? 0) + 1);
  };
  tally.begun += 1;
  const order = await ask(request('POST', '/api/orders', cookie, JSON.stringify(orderFor([ticketId]))));
  note(order, 201);
  if (isRefusal(order)) tally.refused += 1;
  if (order.status !== 201) return;
  const { id: orderId } = JSON.parse(order.body) as { id: string };
  const body = JSON.stringify({ orderId, paymentMethod: 'pm_card_visa' });
  const pay = request('POST', '/api/payments', { ...cookie, 'Idempotency-Key': `pay-${orderId}` }, body);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const payment = await ask(pay);
    note(payment, 201);
    if (payment.status === 201) tally.paid += 1;
    if (!isRefusal(payment)) return;
    if (attempt < ATTEMPTS) await delay(1000 * (0.5 + Math.random()));
  }
  tally.stranded += 1;
}
