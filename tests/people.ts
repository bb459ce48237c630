import { setTimeout as delay } from 'node:timers/promises';
import { visitor, type Visitor } from '@ticketing/suite/api';
import type { Dice } from './simulation/random.ts';

/** What the suite acknowledged, and so must still be true when all has healed. */
export interface Acknowledged {
  /** Everybody who signed up, by e-mail address. */
  users: Map<string, Visitor>;
  tickets: Map<string, { version: number; by: Visitor; mayBeGone: boolean }>;
  withdrawn: Set<string>;
  orders: Map<string, { by: Visitor; paid: boolean; cancelled: boolean }>;
  events: Map<string, { version: number; by: Visitor; cancelled: boolean }>;
  admissions: Map<string, { version: number; by: Visitor; mayBeGone: boolean }>;
  requests: number;
  /** Requests that changed something and were answered so. */
  writes: number;
  /** Not acknowledged, as the suite was partly away: when, and how that showed. */
  refusals: { at: number; how: string }[];
  /** Bugs: a 500, or an answer that makes no sense. */
  faults: string[];
}

export interface Scene {
  known: Acknowledged;
  pages: readonly string[];
  random: Dice;
  origin: string;
}

export const PASSWORD = 'tickets-please';

/** Of a service, or of the proxy in front of it. */
const isAway = ({ status }: { status: number }) => status > 500;
const awayAs = ({ status, body }: { status: number; body: unknown }) => ({
  at: Date.now(),
  how: `${status} ${(body as { detail?: string } | undefined)?.detail ?? String(body).trim()}`,
});

export type Action = (person: Visitor, scene: Scene) => Promise<void>;

/** Runs one request and tells whether it was acknowledged with `status`; a 500 is a fault of the suite's. */
export async function request(
  known: Acknowledged,
  call: Promise<{ status: number; body: unknown }>,
  status: number,
  { reads = false } = {},
): Promise<Record<string, unknown> | undefined> {
  const reply = await call;
  known.requests += 1;
  if (reply.status === 500) known.faults.push(JSON.stringify(reply.body));
  if (isAway(reply)) known.refusals.push(awayAs(reply));
  if (reply.status !== status) return undefined;
  // A page's is text.
  const body = (typeof reply.body === 'object' ? reply.body : null) ?? {};
  if (!reads && (status !== 200 || 'version' in body)) known.writes += 1;
  return body as Record<string, unknown>;
}

/** A new person, signed in unless the suite was away. */
export async function signUp({ known, random, origin }: Scene): Promise<Visitor> {
  const person = visitor(origin);
  const email = `load-${Date.now()}-${random.below(1e9)}@example.com`;
  if (await request(known, person.post('/api/users/signup', { email, password: PASSWORD }), 201))
    known.users.set(email, person);
  return person;
}

export const join: Action = async (_, scene) => {
  await signUp(scene);
};

export const sell: Action = async (person, { known }) => {
  const sold = await request(known, person.post('/api/tickets', { title: 'Load', price: 2500 }), 201);
  if (sold) known.tickets.set(sold['id'] as string, { version: 0, by: person, mayBeGone: false });
};

export const look: Action = async (person, { known, pages }) => {
  for (const page of pages) await request(known, person.get(page), 200);
  await request(known, person.get('/api/users/currentuser'), 200);
  await request(known, person.get('/api/tickets'), 200);
};

const ownTicket = (person: Visitor, { known, random }: Scene) =>
  random.pick([...known.tickets].filter(([, { by }]) => by === person)) ?? [];

export const editTicket: Action = async (person, scene) => {
  const [id, ticket] = ownTicket(person, scene);
  if (!id || !ticket) return;
  const price = 1000 + scene.random.below(9000);
  const edited = await request(scene.known, person.patch(`/api/tickets/${id}`, { price }), 200);
  if (edited) ticket.version = Math.max(ticket.version, edited['version'] as number);
};

export const withdrawTicket: Action = async (person, scene) => {
  const [id, ticket] = ownTicket(person, scene);
  if (!id || !ticket) return;
  ticket.mayBeGone = true; // whatever the answer: it may be lost after the deed
  if (await request(scene.known, person.delete(`/api/tickets/${id}`), 204)) scene.known.withdrawn.add(id);
};

export const reserve: Action = async (person, scene) => {
  const { known, random } = scene;
  const ticketId = random.pick([...known.tickets.keys()]);
  if (!ticketId) return;
  const key = { headers: { 'idempotency-key': `reserve-${Date.now()}-${random.below(1e9)}` } };
  const { version } = known.tickets.get(ticketId)!;
  const seen = [{ ticketId, version }];
  const place = () => request(known, person.post('/api/orders', { ticketIds: [ticketId], seen }, key), 201);
  // Who hears nothing asks again under the same key.
  const order = await place().catch(() => delay(300).then(place));
  if (order) await decide(person, scene, order['id'] as string);
};

/** What becomes of an order: left alone, paid, cancelled, or both. */
export const decide = async (person: Visitor, scene: Scene, id: string) => {
  const { known, random } = scene;
  known.orders.set(id, { by: person, paid: false, cancelled: false });
  const fate = random.next();
  if (fate < 0.25) await cancel(person, known, id);
  else if (fate < 0.85) await pay(person, scene, id);
  if (fate > 0.25 && fate < 0.35) await cancel(person, known, id); // the money goes back
};

const cancel = async (person: Visitor, known: Acknowledged, id: string) => {
  const order = known.orders.get(id);
  if (order && (await request(known, person.delete(`/api/orders/${id}`), 204))) order.cancelled = true;
};

const pay = async (person: Visitor, { known, random }: Scene, id: string) => {
  const paymentMethod = random.chance(0.2) ? 'pm_card_chargeDeclined' : 'pm_card_visa';
  const key = { headers: { 'idempotency-key': `pay-${id}-${paymentMethod}` } };
  for (let attempt = 0; attempt < 3; attempt++) {
    const reply = await person.post('/api/payments', { orderId: id, paymentMethod }, key);
    known.requests += 1;
    if (reply.status === 500) known.faults.push(JSON.stringify(reply.body));
    if (reply.status === 404)
      known.faults.push(`order ${id} was acknowledged, and paying it is answered 404`);
    const order = known.orders.get(id);
    if (reply.status === 201 && order) {
      order.paid = true;
      known.writes += 1;
    }
    if (!isAway(reply)) return;
    known.refusals.push(awayAs(reply));
    await delay(300);
  }
};
