import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '@ticketing/operations/running';
import { type Answer, type Place, visitor, type Visitor } from '@ticketing/suite/api';
import { dice, type Dice } from './simulation/random.ts';

/** What the suite acknowledged, and so must still be true when all has healed. */
export interface Acknowledged {
  /** Everybody who signed up, by e-mail address. */
  users: Map<string, Visitor>;
  tickets: Map<string, { version: number; by: Visitor; mayBeGone: boolean }>;
  withdrawn: Set<string>;
  orders: Map<string, { by: Visitor; paid: boolean; cancelled: boolean }>;
  requests: number;
  /** Requests that changed something and were answered so. */
  writes: number;
  /** Not acknowledged, as the suite was partly away: when, and how that showed. */
  refusals: { at: number; how: string }[];
  /** Bugs: a 500, or an answer that makes no sense. */
  faults: string[];
}

export interface Load {
  acknowledged: Acknowledged;
  /** Ends the deeds; who follows the market goes on. */
  stop(): Promise<void>;
  /** What those who follow the market's stream have not seen of all that was acknowledged, as sentences. */
  unseen(): string[];
  /** Ends all of it. */
  close(): Promise<void>;
}

interface Pace {
  /** Between two deeds of a person, in milliseconds. */
  pause?: number;
  /** What people look at besides the API. */
  pages?: readonly string[];
  /** Who follow the market's stream. */
  readers?: number;
  random?: Dice;
}

interface Scene {
  known: Acknowledged;
  pages: readonly string[];
  random: Dice;
  origin: string;
}

const PASSWORD = 'tickets-please';

/**
 * Puts a steady mixed load on a suite: people who sign up, look, list, edit, withdraw, reserve, cancel, pay, let holds run
 * out and follow the market, deed after deed.
 */
export async function load(
  { origin }: Pick<Running, 'origin'>,
  people: number,
  { pause = 0, pages = [], readers = 0, random = dice(Date.now()) }: Pace = {},
): Promise<Load> {
  const acknowledged: Acknowledged = {
    users: new Map(),
    tickets: new Map(),
    withdrawn: new Set(),
    orders: new Map(),
    requests: 0,
    writes: 0,
    refusals: [],
    faults: [],
  };
  const scene = { known: acknowledged, pages, random, origin };
  let stopped = false;
  const followers = Array.from({ length: readers }, () => follow(origin));
  const crowd = await Promise.all(Array.from({ length: people }, () => signUp(scene)));
  const loops = crowd.map(async (person) => {
    while (!stopped) {
      await act(person, scene).catch((error: unknown) => {
        if (!isOutage(error)) acknowledged.faults.push(String(error));
        acknowledged.refusals.push({ at: Date.now(), how: causeOf(error) });
        return delay(50);
      });
      if (pause > 0) await delay(pause * (0.5 + random.next()));
    }
  });
  const stop = async () => {
    stopped = true;
    await Promise.all(loops);
  };
  return {
    acknowledged,
    stop,
    unseen: () =>
      followers.flatMap(({ seen }, reader) =>
        [...acknowledged.tickets]
          .filter(([id, { version, mayBeGone }]) => {
            const last = seen.get(id);
            return !mayBeGone && !last?.held && (last?.version ?? -1) < version;
          })
          .map(([id, { version }]) => `reader ${reader} did not see version ${version} of ticket ${id}`),
      ),
    async close() {
      await Promise.all([stop(), ...followers.map(({ close }) => close())]);
    },
  };
}

/** Somebody who keeps the market's page open: comes back where the stream was cut, reads again where it says so. */
function follow(origin: string) {
  const gone = new AbortController();
  const person = visitor(origin);
  /** The newest version of each ticket; of one that is held the newest there is, as it shows what was bought (docs/adr/0025). */
  const seen = new Map<string, { version: number; held: boolean }>();
  const take = ({ id, version, status }: { id: string; version: number; status: string }) =>
    seen.set(id, { version: Math.max(version, seen.get(id)?.version ?? 0), held: status !== 'available' });
  const readAll = async () => {
    for (let path: string | undefined = '/api/tickets?limit=200&sort=newest'; path !== undefined;) {
      const page: Answer<{ id: string; version: number; status: string }[]> = await person.get(path);
      if (page.status !== 200) throw new TypeError(`the market answers ${page.status}`);
      page.body.forEach(take);
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
    }
  };
  const reading = (async () => {
    const place: Place = {};
    while (!gone.signal.aborted) {
      try {
        let lost = place.id === undefined;
        const events = person.events('/api/tickets/stream', { signal: gone.signal, place });
        for await (const { event, data } of events) {
          if (event === 'change') take(data as { id: string; version: number; status: string });
          if (event === 'reload' || lost) await readAll();
          lost = false;
        }
      } catch {
        // Cut off, or nobody there: a browser tries again, too.
      }
      await delay(500, undefined, { signal: gone.signal }).catch(() => undefined);
    }
  })();
  return {
    seen,
    async close() {
      gone.abort();
      await reading;
    },
  };
}

const isOutage = (error: unknown) => error instanceof TypeError && error.message === 'fetch failed';

const causeOf = (error: unknown) => String((error as { cause?: unknown } | undefined)?.cause ?? error);

/** Of a service, or of the proxy in front of it. */
const isAway = ({ status }: { status: number }) => status > 500;
const awayAs = ({ status, body }: { status: number; body: unknown }) => ({
  at: Date.now(),
  how: `${status} ${(body as { detail?: string } | undefined)?.detail ?? String(body).trim()}`,
});

type Action = (person: Visitor, scene: Scene) => Promise<void>;

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
  // A page's is text.
  const body = (typeof reply.body === 'object' ? reply.body : null) ?? {};
  if (status !== 200 || 'version' in body) known.writes += 1;
  return body as Record<string, unknown>;
}

/** A new person, signed in unless the suite was away. */
async function signUp({ known, random, origin }: Scene): Promise<Visitor> {
  const person = visitor(origin);
  const email = `load-${Date.now()}-${random.below(1e9)}@example.com`;
  if (await request(known, person.post('/api/users/signup', { email, password: PASSWORD }), 201))
    known.users.set(email, person);
  return person;
}

const join: Action = async (_, scene) => {
  await signUp(scene);
};

const sell: Action = async (person, { known }) => {
  const sold = await request(known, person.post('/api/tickets', { title: 'Load', price: 2500 }), 201);
  if (sold) known.tickets.set(sold['id'] as string, { version: 0, by: person, mayBeGone: false });
};

const look: Action = async (person, { known, pages }) => {
  for (const page of pages) await request(known, person.get(page), 200);
  await request(known, person.get('/api/users/currentuser'), 200);
  await request(known, person.get('/api/tickets'), 200);
};

const ownTicket = (person: Visitor, { known, random }: Scene) =>
  random.pick([...known.tickets].filter(([, { by }]) => by === person)) ?? [];

const editTicket: Action = async (person, scene) => {
  const [id, ticket] = ownTicket(person, scene);
  if (!id || !ticket) return;
  const price = 1000 + scene.random.below(9000);
  const edited = await request(scene.known, person.patch(`/api/tickets/${id}`, { price }), 200);
  if (edited) ticket.version = Math.max(ticket.version, edited['version'] as number);
};

const withdrawTicket: Action = async (person, scene) => {
  const [id, ticket] = ownTicket(person, scene);
  if (!id || !ticket) return;
  ticket.mayBeGone = true; // whatever the answer: it may be lost after the deed
  if (await request(scene.known, person.delete(`/api/tickets/${id}`), 204)) scene.known.withdrawn.add(id);
};

const reserve: Action = async (person, scene) => {
  const { known, random } = scene;
  const ticketId = random.pick([...known.tickets.keys()]);
  if (!ticketId) return;
  const key = { headers: { 'idempotency-key': `reserve-${Date.now()}-${random.below(1e9)}` } };
  const { version } = known.tickets.get(ticketId)!;
  const seen = [{ ticketId, version }];
  const place = () => request(known, person.post('/api/orders', { ticketIds: [ticketId], seen }, key), 201);
  // Who hears nothing asks again under the same key.
  const order = await place().catch(() => delay(300).then(place));
  if (!order) return;
  const id = order['id'] as string;
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

const ACTIONS: readonly Action[] = [
  look,
  join,
  sell,
  sell,
  sell,
  sell,
  sell,
  editTicket,
  editTicket,
  reserve,
  reserve,
  reserve,
  reserve,
  reserve,
  reserve,
  reserve,
  reserve,
  withdrawTicket,
];

const act: Action = async (person, scene) => {
  const act = scene.known.tickets.size < 5 ? sell : (scene.random.pick(ACTIONS) ?? sell);
  await act(person, scene);
};

/** Every acknowledged answer that is no longer true, as a sentence. */
export async function broken({ users, tickets, withdrawn, orders }: Acknowledged): Promise<string[]> {
  const lies: string[] = [];
  for (const [email, person] of users) {
    const { status } = await person.post('/api/users/signin', { email, password: PASSWORD });
    if (status !== 200) lies.push(`${email} signed up, and signing in is answered ${status}`);
  }
  for (const [id, { version, by, mayBeGone }] of tickets) {
    const { status, body } = await by.get(`/api/tickets/${id}`);
    const now = body as { version?: number; status?: string };
    if (withdrawn.has(id) ? status !== 404 : status !== 200 && !mayBeGone)
      lies.push(`ticket ${id} answers ${status}`);
    // One that is held shows the version that was bought (docs/adr/0025).
    if (now.status === 'available' && (now.version ?? -1) < version)
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
