import { setTimeout as delay } from 'node:timers/promises';
import type { Visitor } from '@ticketing/suite/api';
import { type Action, decide, request, type Scene } from './people.ts';

interface Shown {
  id: string;
  version: number;
  status: string;
  pools: { id: string }[];
  tiers: { id: string; price: number }[];
}

const CODE = 'HALF';
/** People go to what is new. */
const NEWEST = 6;
const wanted = {
  title: 'Evening',
  category: 'concert',
  organizer: { name: 'The hall' },
  venue: { name: 'Hall', city: 'Bern' },
  zone: 'Europe/Zurich',
  starts: '2096-06-01T20:00',
  ends: '2096-06-01T23:00',
  pools: [
    { blocks: [{ name: 'Stalls', rows: [{ label: 'A', seats: 12 }] }], held: [{ from: 0, to: 7 }] },
    { capacity: 30, held: [{ from: 0, to: 19 }] },
  ],
  tiers: [
    { name: 'Seated', pool: 0, price: 4000, limit: 4 },
    { name: 'Standing', pool: 1, price: 2000, limit: 4 },
    { name: 'Young', pool: 1, price: 0, limit: 1 },
  ],
};

/** Asks again under the same key where nothing is heard. */
const insist = <T>(ask: () => Promise<T>) => ask().catch(() => delay(300).then(ask));

const noted = (person: Visitor, { known }: Scene, reply: object | undefined, cancelled = false) => {
  if (!reply) return;
  const { id, version } = reply as Shown;
  const before = known.events.get(id);
  known.events.set(id, {
    by: person,
    version: Math.max(version, before?.version ?? 0),
    cancelled: cancelled || (before?.cancelled ?? false),
  });
};

/** Drafts an event, makes a code for it, and publishes it. */
export const organize: Action = async (person, scene) => {
  const { known, random } = scene;
  const key = { headers: { 'idempotency-key': `event-${Date.now()}-${random.below(1e9)}` } };
  const made = await insist(() => request(known, person.post('/api/events', wanted, key), 201));
  if (!made) return;
  const path = `/api/events/${made['id'] as string}`;
  await request(known, person.post(`${path}/codes`, { code: CODE, percent: 50, uses: 3 }), 201);
  noted(person, scene, await request(known, person.post(`${path}/publish`), 200));
};

/** An organizer changes their mind: holds places back, makes a pool smaller, a tier dearer, or cancels the event. */
export const changeEvent: Action = async (person, scene) => {
  const { known, random } = scene;
  const [id] = random.pick([...known.events].filter(([, { by }]) => by === person)) ?? [];
  if (id === undefined) return organize(person, scene);
  const path = `/api/events/${id}`;
  if (random.chance(0.3)) {
    noted(person, scene, await request(known, person.post(`${path}/cancel`), 200), true);
    return;
  }
  const seen = (await request(known, person.get(path), 200, { reads: true })) as unknown as Shown | undefined;
  if (!seen) return;
  const [[seats, standing], [seated, ...tiers]] = [wanted.pools, wanted.tiers];
  const body = {
    ...wanted,
    ...random.pick([
      { pools: [seats, { ...standing, held: [{ from: 0, to: 12 + random.below(12) }] }] },
      { pools: [seats, { ...standing, capacity: 24 + random.below(12) }] },
      { tiers: [{ ...seated, price: 3000 + 500 * random.below(4) }, ...tiers] },
    ]),
  };
  const edit = {
    ...body,
    pools: body.pools.map((pool, n) => ({ ...pool, id: seen.pools[n]?.id })),
    tiers: body.tiers.map((tier, n) => ({ ...tier, id: seen.tiers[n]?.id })),
  };
  const headers = { 'if-match': `"${seen.version}"` };
  noted(person, scene, await request(known, person.put(path, edit, { headers }), 200));
};

/** Looks at an event and takes places of it, perhaps by its code. */
export const bookPlaces: Action = async (person, scene) => {
  const { known, random } = scene;
  const id = random.pick([...known.events.keys()].slice(-NEWEST));
  if (id === undefined) return;
  const event = (await request(known, person.get(`/api/events/${id}`), 200, { reads: true })) as unknown as
    Shown | undefined;
  const tier = random.pick(event?.tiers ?? []);
  if (!event || !tier) return;
  const lines = [
    { tierId: tier.id, price: tier.price, quantity: tier.price === 0 ? 1 : 1 + random.below(3) },
  ];
  const code = random.chance(0.2) && { code: CODE };
  const key = { headers: { 'idempotency-key': `book-${Date.now()}-${random.below(1e9)}` } };
  const order = await insist(() =>
    request(known, person.post('/api/orders', { eventId: id, lines, ...code }, key), 201),
  );
  if (order) await decide(person, scene, order['id'] as string);
};
