import { performance } from 'node:perf_hooks';
import type { Request } from 'express';
import type { Metrics } from '../metrics.ts';
import { reject, type Rejection } from '../rejection.ts';
import type { Clock } from '../runtime.ts';
import type { User } from '../user.ts';

/** How long a request may wait for its turn, in milliseconds. */
const PATIENCE = 500;
/** How long in a queue that has stood for longer than `PATIENCE`, in milliseconds: it is no passing crowd. */
const IMPATIENCE = 50;
/** Who asks for more than their share is told so after this long, in milliseconds: a loop of refusals must cost little. */
export const PENALTY = 250;
/** Seconds after which who was refused may come back: what is at work now is done by then. */
const RETRY_AFTER = 1;
/** How often the number of places follows the load, in milliseconds. */
const BEAT = 100;
/** Above this part of its time at work, a process gains nothing from more requests at a time: they wait for each other. */
const SATURATED = 0.95;

/** `finishing` ends what was begun, such as paying what was reserved: it has a quarter of the places, always. */
type Kind = 'requests' | 'finishing' | 'streams';

/** Who asks: a user, or an address with whoever is behind it. */
export interface Asker {
  who: 'user' | 'address';
  key: string;
}

/** The door of one compartment. An asker who is left out is first: a provider's webhook. */
export interface Door {
  /** The refusal of who has no chance now: told before anything is read. */
  refusal(asker?: Asker): Rejection | undefined;
  /** Takes a place, after a while in the queue if need be. With no refusal, `leave` must follow. */
  enter(asker?: Asker): Rejection | undefined | Promise<Rejection | undefined>;
  leave(asker?: Asker): void;
}

export interface Admission {
  door(service: string, kind: Kind): Door;
  /** Lets the number of places follow the load, until `signal` aborts. */
  follow(signal: AbortSignal): Promise<void>;
}

interface Settings {
  /** Requests at work at a time, of each service. */
  requests: number;
  /** Open streams at a time, of each service. */
  streams: number;
  clock: Clock;
  metrics: Metrics;
  /** The part of its time that this process was at work since the last call, 0 to 1. */
  utilization?(): number;
}

/**
 * Bulkheads: each service has so many places, and a queue before them, long enough for a crowd that comes at once; what
 * does not fit is refused at once (M. Nygard, *Release It!*, "Bulkheads" and "Shed Load"). Who waits leaves after half a
 * second, and much sooner where the queue never empties (B. Maurer, *Fail at Scale*, ACM Queue 13(8), "Controlled
 * Delay"). Nobody holds more than a share of the places. While the process waits for others, for Stripe or a database,
 * it has all its places; when it has no time left it has fewer, an eighth at least, found by additive increase and
 * multiplicative decrease, so that who is let in is answered soon.
 */
export function admission({
  requests,
  streams,
  clock,
  metrics,
  utilization = measured(),
}: Settings): Admission {
  const part = (whole: number, of: number) => Math.ceil(whole / of);
  const least = part(requests, 8);
  let places = requests;
  const usual: Bounds = {
    places: () => places,
    queue: requests * 2,
    first: part(requests, 2),
    share: { user: part(requests, 8), address: part(requests, 2) },
  };
  const bounds: Record<Kind, Bounds> = {
    requests: usual,
    finishing: { ...usual, places: () => part(requests, 4) },
    streams: {
      places: () => streams,
      queue: 0,
      first: 0,
      share: { user: part(streams, 100), address: part(streams, 10) },
    },
  };
  const doors = new Map<string, Door>();
  return {
    door(service, kind) {
      const name = `${service} ${kind}`;
      const known = doors.get(name);
      if (known) return known;
      const made = openDoor(bounds[kind], clock, {
        refused: (reason) => metrics.count('requests_refused_total', { compartment: service, kind, reason }),
        waiting: (length) => metrics.gauge('requests_waiting', { compartment: service, kind }, length),
      });
      doors.set(name, made);
      return made;
    },
    async follow(signal) {
      for (;;) {
        await clock.sleep(BEAT, signal);
        if (signal.aborted) return;
        const fewer = utilization() > SATURATED;
        places = fewer ? Math.max(least, Math.floor(places * 0.8)) : Math.min(requests, places + least / 8);
        metrics.gauge('requests_places', {}, places);
      }
    },
  };
}

const measured = () => {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
};

/** Who a request counts for. */
export const askerOf = (
  user: Pick<User, 'id'> | undefined,
  { ip = 'unknown' }: Pick<Request, 'ip'>,
): Asker => (user ? { who: 'user', key: user.id } : { who: 'address', key: networkOf(ip) });

interface Bounds {
  places(): number;
  queue: number;
  /** Places more for who comes first. */
  first: number;
  /** Of places and queue together. */
  share: Record<Asker['who'], number>;
}

interface Telling {
  refused(reason: 'full' | 'share' | 'waited'): void;
  waiting(length: number): void;
}

/** Counts for each key what it holds; who holds nothing is not kept. */
export const tally = (held: Map<string, number>, key: string, more: number): void => {
  const now = (held.get(key) ?? 0) + more;
  if (now === 0) held.delete(key);
  else held.set(key, now);
};

function openDoor({ places, queue, first, share }: Bounds, clock: Clock, tell: Telling): Door {
  let taken = 0;
  const held = new Map<string, number>();
  const waiting: (() => void)[] = [];
  /** Since when somebody waits. */
  let standing = 0;

  const hold = ({ key }: Asker, more: 1 | -1) => tally(held, key, more);

  const refusal = (asker?: Asker) => {
    if (asker && (held.get(asker.key) ?? 0) >= share[asker.who]) {
      tell.refused('share');
      return GREEDY;
    }
    const busy = taken >= places();
    const room = !busy || (asker ? waiting.length < queue : taken < places() + first);
    if (room) return undefined;
    tell.refused('full');
    return FULL;
  };

  const turn = async (): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const over = new AbortController();
    const mine = () => resolve(true);
    const now = clock.now().getTime();
    if (waiting.length === 0) standing = now;
    waiting.push(mine);
    tell.waiting(waiting.length);
    void clock.sleep(now - standing > PATIENCE ? IMPATIENCE : PATIENCE, over.signal).then(() => {
      const at = waiting.indexOf(mine);
      if (at < 0) return;
      waiting.splice(at, 1);
      resolve(false);
    });
    const came = await promise;
    over.abort();
    tell.waiting(waiting.length);
    return came;
  };

  const wait = async (asker: Asker) => {
    if (await turn()) return undefined;
    hold(asker, -1);
    tell.refused('waited');
    return FULL;
  };

  return {
    refusal,
    enter(asker) {
      const no = refusal(asker);
      if (no) return no;
      if (asker) hold(asker, 1);
      if (asker && taken >= places()) return wait(asker);
      taken += 1;
      return undefined;
    },
    leave(asker) {
      if (asker) hold(asker, -1);
      taken -= 1;
      while (taken < places()) {
        const next = waiting.shift();
        if (!next) return;
        taken += 1;
        next();
      }
    },
  };
}

export const FULL = reject('unavailable', 'Too many people are asking at once; try again in a moment', {
  retryAfter: RETRY_AFTER,
});
export const GREEDY = reject('too-many', 'Too many requests of yours are at work; wait for their answers', {
  retryAfter: RETRY_AFTER,
});

/** What tells callers apart by their IP address: of IPv6 each has at least a whole /64, so only that part counts. */
export const networkOf = (address: string): string => {
  const bare = address.toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, '');
  if (!bare.includes(':')) return bare;
  const [head = [], tail = []] = bare.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...zeros, ...tail].slice(0, 4).join(':');
};

/** The /48 that an IPv6 network is part of, as one customer may have it; undefined for IPv4. */
export const siteOf = (address: string): string | undefined => {
  const network = networkOf(address);
  return network.includes(':') ? `${network.split(':').slice(0, 3).join(':')}::/48` : undefined;
};
