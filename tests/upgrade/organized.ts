import { eventually } from '@ticketing/common/testing';
import { visitor, type Visitor } from '@ticketing/suite/api';
import { EVENT } from '@ticketing/suite/samples';
import type { MongoClient } from 'mongodb';
import { must } from '../stage.ts';
import type { StartedSuite } from '../suite.ts';
import { paying, read, sign, WITHIN } from './before.ts';

/** An organizer's event with what was told of it: what is left, and orders of its places. */
export interface Organized {
  organizer: Visitor;
  buyer: Visitor;
  eventId: string;
  orders: { paid: string; held: string };
  left: string;
}

const STADIUM = {
  ...EVENT,
  pools: [{ capacity: 20 }, { blocks: [{ name: 'Stalls', rows: [{ label: 'A', seats: 8 }] }] }],
  tiers: [
    { name: 'Standing', pool: 0, price: 2500, limit: 4 },
    { name: 'Seated', pool: 1, price: 5000 },
  ],
};
const CODE = { code: 'EARLY', percent: 50 };

let people = 0;

/** Makes and publishes one, and sells places of it; undefined where a release knows no events. */
export async function organize({ origin }: StartedSuite): Promise<Organized | undefined> {
  const [organizer, buyer] = [visitor(origin), visitor(origin)];
  people += 1;
  await sign(organizer, `organizer-${people}@example.com`);
  await sign(buyer, `guest-${people}@example.com`);
  const made = await organizer.post('/api/events', STADIUM);
  if (made.status === 404) return undefined;
  must(made.status === 201, () => `an event is answered with ${made.status}: ${JSON.stringify(made.body)}`);
  const eventId = made.body.id as string;
  const path = `/api/events/${eventId}`;
  await organizer.post(`${path}/codes`, CODE);
  const { status, body } = await organizer.post(`${path}/publish`);
  must(status === 200, () => `publishing is answered with ${status}: ${JSON.stringify(body)}`);
  const [standing, seated] = (body as { tiers: { id: string }[] }).tiers.map(({ id }) => id);
  const place = (line: object, more: object = {}) =>
    eventually(async () => {
      const order = await buyer.post('/api/orders', { eventId, lines: [line], ...more });
      must(order.status === 201, () => `an order is answered with ${JSON.stringify(order.body)}`);
      return order.body.id as string;
    }, WITHIN);
  const paid = await place({ tierId: standing, quantity: 2, price: 2500 }, { code: CODE.code });
  const held = await place({ tierId: seated, places: [2, 3], price: 5000 });
  await paying(buyer, { id: paid }, 'visa');
  await eventually(async () => (await read(buyer, { id: paid })).status === 'complete', WITHIN);
  const left = JSON.stringify((await buyer.get(`/api/orders/places?eventId=${eventId}`)).body);
  return { organizer, buyer, eventId, orders: { paid, held }, left };
}

/** All of it is as it was told. */
export async function stands({ buyer, eventId, orders, left }: Organized): Promise<void> {
  const event = await buyer.get(`/api/events/${eventId}`);
  must(event.body.status === 'published', () => `the event is answered with ${JSON.stringify(event.body)}`);
  for (const [id, status] of [
    [orders.paid, 'complete'],
    [orders.held, 'created'],
  ] as const) {
    const now = await read(buyer, { id });
    must(now.status === status, () => `the order of places is ${now.status}, and was ${status}`);
  }
  const code = await buyer.post(`/api/events/${eventId}/codes/check`, { code: CODE.code });
  must(code.status === 200, () => `its code is answered with ${code.status}`);
  await eventually(async () => {
    const now = JSON.stringify((await buyer.get(`/api/orders/places?eventId=${eventId}`)).body);
    must(now === left, () => `left was ${left}, and is ${now}`);
  }, WITHIN);
}

/** Of its places those that are paid for let somebody in, each once. */
export async function admits({ buyer, orders }: Organized): Promise<void> {
  await eventually(async () => {
    const tickets = (await ticketsOf(buyer, orders.paid)).map(({ status }) => status);
    must(tickets.join() === 'valid,valid', () => `the tickets of the order are ${tickets.join() || 'none'}`);
  }, WITHIN);
}

/** As one of a release before, which had no admissions, long ago. */
export async function unadmitted({ eventId }: Organized, client: MongoClient): Promise<void> {
  for (const kept of ['admissions', 'events']) await client.db('admissions').collection(kept).deleteMany({});
  const updatedAt = new Date(Date.now() - 3600_000);
  for (const [owner, found] of [
    ['events', { _id: eventId }],
    ['orders', { saleId: eventId }],
  ] as const)
    await client
      .db(owner)
      .collection(owner)
      .updateMany(found as object, { $set: { updatedAt } });
}

export const ticketsOf = async (buyer: Visitor, orderId: string): Promise<{ status: string }[]> =>
  (await buyer.get<{ status: string }[]>(`/api/admissions?orderId=${orderId}`)).body;

/** It is cancelled, and gives everything back. */
export async function callOff({ organizer, buyer, eventId, orders }: Organized): Promise<void> {
  const { status } = await organizer.post(`/api/events/${eventId}/cancel`);
  must(status === 200, () => `cancelling is answered with ${status}`);
  const becomes = (id: string, wish: string) =>
    eventually(async () => (await read(buyer, { id })).status === wish, WITHIN);
  await becomes(orders.held, 'cancelled');
  await becomes(orders.paid, 'refunded');
}
