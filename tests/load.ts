import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '@ticketing/operations/running';
import { type Answer, type Place, visitor } from '@ticketing/suite/api';
import { useTickets } from './holders.ts';
import { bookPlaces, changeEvent, organize } from './organizers.ts';
import {
  type Acknowledged,
  type Action,
  editTicket,
  join,
  look,
  PASSWORD,
  reserve,
  sell,
  signUp,
  withdrawTicket,
} from './people.ts';
import { dice, type Dice } from './simulation/random.ts';

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

/**
 * Puts a steady mixed load on a suite: people who sign up, look, list, edit, withdraw, reserve, cancel, pay, let holds run
 * out and follow the market, who organize events and book their places, and who go there, deed after deed.
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
    events: new Map(),
    admissions: new Map(),
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
  organize,
  organize,
  changeEvent,
  changeEvent,
  bookPlaces,
  bookPlaces,
  bookPlaces,
  bookPlaces,
  bookPlaces,
  bookPlaces,
  useTickets,
  useTickets,
  useTickets,
  useTickets,
];

const act: Action = async (person, scene) => {
  const act = scene.known.tickets.size < 5 ? sell : (scene.random.pick(ACTIONS) ?? sell);
  await act(person, scene);
};

/** Every acknowledged answer that is no longer true, as a sentence. */
export async function broken(known: Acknowledged): Promise<string[]> {
  const { users, tickets, withdrawn, orders, events, admissions } = known;
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
  for (const [id, { version, by, cancelled }] of events) {
    const { status, body } = await by.get(`/api/events/${id}`);
    const now = body as { version?: number; status?: string };
    if (status !== 200) lies.push(`event ${id} answers ${status}`);
    else if ((now.version ?? -1) < version) lies.push(`event ${id} went back from version ${version}`);
    else if (cancelled && now.status !== 'cancelled') lies.push(`cancelled event ${id} is ${now.status}`);
  }
  for (const [id, { version, by, mayBeGone }] of admissions) {
    if (mayBeGone) continue;
    const { status, body } = await by.get(`/api/admissions/${id}`);
    const now = body as { version?: number };
    if (status !== 200) lies.push(`admission ${id} answers ${status} to who holds it`);
    else if ((now.version ?? -1) < version) lies.push(`admission ${id} went back from version ${version}`);
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
