import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '@ticketing/local/running';
import { visitor, type Visitor } from '@ticketing/local/api';

/** What the suite acknowledged, and so must still be true when all has healed. */
export interface Acknowledged {
  tickets: Map<string, { version: number; by: Visitor; mayBeGone: boolean }>;
  withdrawn: Set<string>;
  orders: Map<string, { by: Visitor; paid: boolean; cancelled: boolean }>;
  requests: number;
  /** Not acknowledged, as the suite was partly away: when, and how that showed. */
  refusals: { at: number; how: string }[];
  /** Bugs: a 500, or an answer that makes no sense. */
  faults: string[];
}

export interface Load {
  acknowledged: Acknowledged;
  stop(): Promise<void>;
}

interface Pace {
  /** Between two deeds of a person, in milliseconds. */
  pause?: number;
  /** What people look at besides the API. */
  pages?: readonly string[];
}

/** Puts a steady mixed load on a suite: people who look, list, edit, withdraw, reserve, cancel and pay, deed after deed. */
export async function load(
  { origin }: Pick<Running, 'origin'>,
  people: number,
  { pause = 0, pages = [] }: Pace = {},
): Promise<Load> {
  const acknowledged: Acknowledged = {
    tickets: new Map(),
    withdrawn: new Set(),
    orders: new Map(),
    requests: 0,
    refusals: [],
    faults: [],
  };
  let stopped = false;
  const crowd = await Promise.all(
    Array.from({ length: people }, async (_, number) => {
      const person = visitor(origin);
      const signUp = { email: `load-${number}-${Date.now()}@example.com`, password: 'tickets-please' };
      await person.post('/api/users/signup', signUp);
      return person;
    }),
  );
  const loops = crowd.map(async (person) => {
    while (!stopped) {
      await act(person, acknowledged, pages).catch((error: unknown) => {
        if (!isOutage(error)) acknowledged.faults.push(String(error));
        acknowledged.refusals.push({ at: Date.now(), how: causeOf(error) });
        return delay(50);
      });
      if (pause > 0) await delay(pause * (0.5 + Math.random()));
    }
  });
  return {
    acknowledged,
    async stop() {
      stopped = true;
      await Promise.all(loops);
    },
  };
}

const isOutage = (error: unknown) => error instanceof TypeError && error.message === 'fetch failed';

const causeOf = (error: unknown) => String((error as { cause?: unknown } | undefined)?.cause ?? error);

const pick = <T>(values: Iterable<T>): T | undefined => {
  const all = [...values];
  return all[Math.floor(Math.random() * all.length)];
};

/** Of a service, or of the proxy in front of it. */
const isAway = ({ status }: { status: number }) => status > 500;
const awayAs = ({ status, body }: { status: number; body: unknown }) => ({
  at: Date.now(),
  how: `${status} ${(body as { detail?: string } | undefined)?.detail ?? String(body).trim()}`,
});

type Action = (person: Visitor, known: Acknowledged, pages: readonly string[]) => Promise<void>;

/** Runs one request and tells whether it was acknowledged with `status`; a 500 is a fault of the suite's. */
async function request(
  known: Acknowledged,
  call: Promise<{ status: number; body: unknown }>,
  status: number,
): Promise<Record<string, unknown> | undefined> {
  const reply = await call;
  known.requests += 1;
  if (reply.status === 500) known.faults.push(JSON.stringify(reply.body));
  if (isAway(reply)) known.refusals.push(awayAs(reply));
  if (reply.status !== status) return undefined;
  return (reply.body ?? {}) as Record<string, unknown>;
}

const sell: Action = async (person, known) => {
  const sold = await request(known, person.post('/api/tickets', { title: 'Load', price: 2500 }), 201);
  if (sold) known.tickets.set(sold['id'] as string, { version: 0, by: person, mayBeGone: false });
};

const look: Action = async (person, known, pages) => {
  for (const page of pages) await request(known, person.get(page), 200);
  await request(known, person.get('/api/users/currentuser'), 200);
  await request(known, person.get('/api/tickets'), 200);
};

const editTicket: Action = async (person, known) => {
  const [id, ticket] = pick([...known.tickets].filter(([, { by }]) => by === person)) ?? [];
  if (!id || !ticket) return;
  const price = 1000 + Math.floor(Math.random() * 9000);
  const edited = await request(known, person.patch(`/api/tickets/${id}`, { price }), 200);
  if (edited) ticket.version = Math.max(ticket.version, edited['version'] as number);
};

const withdrawTicket: Action = async (person, known) => {
  const [id, ticket] = pick([...known.tickets].filter(([, { by }]) => by === person)) ?? [];
  if (!id || !ticket) return;
  ticket.mayBeGone = true; // whatever the answer: it may be lost after the deed
  if (await request(known, person.delete(`/api/tickets/${id}`), 204)) known.withdrawn.add(id);
};

const reserve: Action = async (person, known) => {
  const ticketId = pick(known.tickets.keys());
  if (!ticketId) return;
  const order = await request(known, person.post('/api/orders', { ticketIds: [ticketId] }), 201);
  if (!order) return;
  const id = order['id'] as string;
  known.orders.set(id, { by: person, paid: false, cancelled: false });
  const fate = Math.random();
  if (fate < 0.25) await cancel(person, known, id);
  else if (fate < 0.85) await pay(person, known, id);
};

const cancel = async (person: Visitor, known: Acknowledged, id: string) => {
  const order = known.orders.get(id);
  if (order && (await request(known, person.delete(`/api/orders/${id}`), 204))) order.cancelled = true;
};

const pay = async (person: Visitor, known: Acknowledged, id: string) => {
  const paymentMethod = Math.random() < 0.2 ? 'pm_card_chargeDeclined' : 'pm_card_visa';
  const key = { headers: { 'idempotency-key': `pay-${id}-${paymentMethod}` } };
  for (let attempt = 0; attempt < 3; attempt++) {
    const reply = await person.post('/api/payments', { orderId: id, paymentMethod }, key);
    known.requests += 1;
    if (reply.status === 500) known.faults.push(JSON.stringify(reply.body));
    const order = known.orders.get(id);
    if (reply.status === 201 && order) order.paid = true;
    if (!isAway(reply)) return;
    known.refusals.push(awayAs(reply));
    await delay(300);
  }
};

const ACTIONS: readonly Action[] = [
  look,
  sell,
  sell,
  sell,
  editTicket,
  reserve,
  reserve,
  reserve,
  reserve,
  withdrawTicket,
];

const act: Action = async (person, known, pages) => {
  const act = known.tickets.size < 5 ? sell : (pick(ACTIONS) ?? sell);
  await act(person, known, pages);
};

/** Every acknowledged answer that is no longer true, as a sentence. */
export async function broken({ tickets, withdrawn, orders }: Acknowledged): Promise<string[]> {
  const lies: string[] = [];
  for (const [id, { version, by, mayBeGone }] of tickets) {
    const { status, body } = await by.get(`/api/tickets/${id}`);
    const now = body as { version?: number };
    if (withdrawn.has(id) ? status !== 404 : status !== 200 && !mayBeGone)
      lies.push(`ticket ${id} answers ${status}`);
    if (status === 200 && (now.version ?? -1) < version)
      lies.push(`ticket ${id} went back from version ${version}`);
  }
  for (const [id, { by, paid, cancelled }] of orders) {
    const { status, body } = await by.get(`/api/orders/${id}`);
    const now = (body as { status?: string }).status ?? '';
    if (status !== 200) lies.push(`order ${id} answers ${status}`);
    else if (cancelled && !['cancelled', 'refunded'].includes(now))
      lies.push(`cancelled order ${id} is ${now}`);
    else if (paid && !['complete', 'refunded'].includes(now)) lies.push(`paid order ${id} is ${now}`);
  }
  return lies;
}
