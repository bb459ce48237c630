import { setTimeout as delay } from 'node:timers/promises';
import { placeId } from '@ticketing/common/places';
import type { Reply } from './connection.ts';
import { request } from './load.ts';
import { LIMIT, type OnSale, type Tier } from './sale-event.ts';
import type { History } from './sale-history.ts';
import { arrivals, pool } from './shop.ts';

/** Somebody who is signed in: who, and the header that says so. */
export interface Person {
  id: string;
  header: Record<string, string>;
}

/** What became of a sale, as its buyers saw it. */
export interface Crowd extends History {
  /** Milliseconds to each answer, by what it was; `busy` is 503 or 429. */
  times: Record<'won' | 'lost' | 'busy', number[]>;
  /** Answers that make no sense, each with how often. */
  odd: Map<string, number>;
  /** Seconds from the first request until all was held; undefined when that never was. */
  soldOutAfter: number | undefined;
  arrived: number;
  /** Who bought, by their ids. */
  people: Map<string, Person>;
}

/** One in so many chooses seats, gives up what they got, or asks three times at once for as much as they may have. */
const CHOOSING = 20;
const GIVING_UP = 100;
const GREEDY = 200;
/** So many connections the crowd has, as of a proxy; so many others wait before it, and who sees that line goes home. */
const CONNECTIONS = 256;
const LINE = 1000;
/** How often somebody comes back who was told that too many ask. */
const PATIENCE = 60;

interface Wanted {
  tier: Tier;
  count: number;
  places: readonly number[] | undefined;
}

const among = (most: number) => Math.floor(Math.random() * most);

const wish = ({ seated, general }: OnSale): Wanted => {
  const count = 1 + among(LIMIT);
  const isSeated = among(seated.capacity + general.capacity) < seated.capacity;
  const tier = isSeated ? seated : general;
  if (!isSeated || among(CHOOSING) > 0) return { tier, count, places: undefined };
  const row = among(tier.ends.length);
  const start = tier.ends[row - 1] ?? 0;
  const first = start + among((tier.ends[row] ?? 0) - start - count + 1);
  return { tier, count, places: Array.from({ length: count }, (_, nth) => first + nth) };
};

export const orderOf = (
  { eventId }: OnSale,
  { tier, count, places }: Wanted,
  { header }: Person,
  key: string,
): string =>
  request(
    'POST',
    '/api/orders',
    { ...header, 'Idempotency-Key': key },
    JSON.stringify({
      eventId,
      lines: [{ tierId: tier.id, price: tier.price, ...(places ? { places } : { quantity: count }) }],
    }),
  );

interface Sale {
  port: number;
  onSale: OnSale;
  /** Somebody else each time. */
  nextPerson(): Person;
  perSecond: number;
  /** Seconds after which nobody comes any more. */
  longest: number;
}

/** Groups of one to six come at so many a second, whatever becomes of those before them, until all is held. */
export async function crowd({ port, onSale, nextPerson, perSecond, longest }: Sale): Promise<Crowd> {
  const { ask, close } = pool(port, CONNECTIONS);
  const told: Crowd = {
    taken: [],
    given: [],
    refused: [],
    soldOut: [],
    times: { won: [], lost: [], busy: [] },
    odd: new Map(),
    soldOutAfter: undefined,
    arrived: 0,
    people: new Map(),
  };
  const begun = performance.now();
  const all = onSale.seated.capacity + onSale.general.capacity;
  const over = new AbortController();
  let held = 0;
  const hold = (more: number, at: number) => {
    held += more;
    if (held < all) return;
    told.soldOutAfter = (at - begun) / 1000;
    over.abort();
  };
  const timed = async (bytes: string) => {
    const start = performance.now();
    const reply = await ask(bytes);
    return { ...reply, start, end: start + reply.ms };
  };
  const note = ({ status, body }: Reply) => {
    const said = `${status} ${body.slice(0, 200).replace(/[0-9a-f]{24}/g, '…')}`;
    told.odd.set(said, (told.odd.get(said) ?? 0) + 1);
  };

  /** Asks until there is an answer that stands. */
  const buy = async (person: Person, wanted: Wanted) => {
    const key = `${person.id}-${among(2 ** 32)}`;
    for (let attempt = 0; attempt < PATIENCE; attempt++) {
      const reply = await timed(orderOf(onSale, wanted, person, key));
      const { start, end, ms, status } = reply;
      if (status === 201) {
        told.times.won.push(ms);
        const { id: order, items } = JSON.parse(reply.body) as { id: string; items: { ticketId: string }[] };
        const places = items.map(({ ticketId }) => ticketId);
        told.people.set(person.id, person);
        told.taken.push({ start, end, order, user: person.id, places });
        hold(places.length, end);
        return { order, count: places.length };
      }
      if (status === 503 || status === 429) told.times.busy.push(ms);
      else if (status === 409) {
        told.times.lost.push(ms);
        learn(wanted, reply);
        return undefined;
      } else {
        note(reply);
        return undefined;
      }
      if (over.signal.aborted) return undefined;
      await delay(1000 * (0.5 + Math.random()));
    }
    return undefined;
  };
  const learn = ({ tier, count }: Wanted, reply: Reply & { start: number; end: number }) => {
    const { start, end } = reply;
    const { detail, errors = [] } = JSON.parse(reply.body) as {
      detail: string;
      errors?: { message: string }[];
    };
    if (detail === 'Sold out') told.soldOut.push({ start, end, tier, count });
    else if (detail === 'Already reserved')
      for (const { message } of errors)
        told.refused.push({ start, end, place: placeId(tier.poolId, Number.parseInt(message, 10)) });
    else if (!detail.startsWith('Nobody may have more than')) note(reply);
  };
  const give = async (person: Person, { order, count }: { order: string; count: number }) => {
    hold(-count, 0);
    const bytes = request('DELETE', `/api/orders/${order}`, person.header);
    for (let attempt = 0; attempt < PATIENCE; attempt++) {
      const { status, body, ms, start, end } = await timed(bytes);
      if (status === 204) {
        told.given.push({ order, start, end });
        return;
      }
      if (status !== 503) note({ status, body, ms });
      await delay(1000 * Math.random());
    }
  };
  let inside = 0;
  const come = async () => {
    told.arrived += 1;
    if (inside >= LINE) return;
    inside += 1;
    await shop().finally(() => (inside -= 1));
  };
  const shop = async () => {
    const person = nextPerson();
    const wanted = wish(onSale);
    if (among(GREEDY) === 0) {
      await Promise.all([1, 2, 3].map(() => buy(person, { ...wanted, count: LIMIT - 2, places: undefined })));
      return;
    }
    const made = await buy(person, wanted);
    if (made && !over.signal.aborted && among(GIVING_UP) === 0) await give(person, made);
  };
  await arrivals(perSecond, longest, come, over);
  close();
  return told;
}
