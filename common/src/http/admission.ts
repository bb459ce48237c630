import { performance } from 'node:perf_hooks';
import type { Request } from 'express';
import type { Metrics } from '../metrics.ts';
import { reject, type Rejection } from '../rejection.ts';
import type { Clock } from '../runtime.ts';
import type { User } from '../user.ts';

/** How long a request may wait for its turn, in milliseconds. */
const PATIENCE = 1000;
/** Whoever finishes, has no more than a share and yet waited so long shows that there is no room, in milliseconds; it counts for so long. */
const STRAIN = 500;
const STRAINED = 1000;
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
  /** Whether those who finish at a service have lately been turned away for want of a place, or nearly so. */
  congested(service: string): boolean;
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
 * does not fit is refused at once (M. Nygard, *Release It!*, "Bulkheads" and "Shed Load"). While the process waits for
 * others, for Stripe or a database, it has all its places; when it has no time left it has fewer, an eighth at least, found
 * by additive increase and multiplicative decrease, so that who is let in is answered soon.
 *
 * What is free is anybody's: a fair share counts where there is not enough. Of the places the last quarter is for who has
 * less than their share; who waits has a queue of their own, and these get places in turns (J. Nagle, RFC 970, "On Packet
 * Switches With Infinite Storage"); when all queues are full, the longest gives way (B. Suter et al., "Buffer Management
 * Schemes for Supporting TCP in Gigabit Routers with Per-Flow Queueing", 1999). Streams stay open, so of them nobody ever
 * has more than a share.
 */
export function admission({
  requests,
  streams,
  clock,
  metrics,
  utilization = measured(),
}: Settings): Admission {
  const least = part(requests, 8);
  let places = requests;
  const usual = { queue: requests * 2, first: part(requests, 2), kept: 4, share: { user: 8, address: 2 } };
  const bounds: Record<Kind, Bounds> = {
    requests: { ...usual, places: () => places },
    finishing: { ...usual, places: () => part(requests, 4) },
    streams: { places: () => streams, queue: 0, first: 0, kept: 1, share: { user: 100, address: 10 } },
  };
  const doors = new Map<string, Door>();
  /** When there was last no room for who finishes, by service. */
  const strained = new Map<string, number>();
  return {
    door(service, kind) {
      const name = `${service} ${kind}`;
      const known = doors.get(name);
      if (known) return known;
      const made = openDoor(bounds[kind], clock, {
        refused: (reason) => metrics.count('requests_refused_total', { compartment: service, kind, reason }),
        waiting: (length) => metrics.gauge('requests_waiting', { compartment: service, kind }, length),
        strained() {
          if (kind === 'finishing') strained.set(service, clock.now().getTime());
        },
      });
      doors.set(name, made);
      return made;
    },
    congested: (service) => clock.now().getTime() - (strained.get(service) ?? -Infinity) < STRAINED,
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

const part = (whole: number, of: number) => Math.ceil(whole / of);

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
  /** Who may wait at a time, all together. */
  queue: number;
  /** Places more for who comes first. */
  first: number;
  /** This part of the places is for who has less than their share: 4 is a quarter. */
  kept: number;
  /** The part of the places that is a fair share: 8 is an eighth. */
  share: Record<Asker['who'], number>;
}

interface Telling {
  refused(reason: 'full' | 'share' | 'waited'): void;
  waiting(length: number): void;
  strained(): void;
}

interface Waiting {
  asker: Asker;
  since: number;
  /** Had less than a share when they came. */
  modest: boolean;
  resolve(refusal?: Rejection): void;
}

/** Counts for each key what it holds; who holds nothing is not kept. */
export const tally = (held: Map<string, number>, key: string, more: number): void => {
  const now = (held.get(key) ?? 0) + more;
  if (now === 0) held.delete(key);
  else held.set(key, now);
};

function openDoor({ places, queue, first, kept, share }: Bounds, clock: Clock, tell: Telling): Door {
  let taken = 0;
  const working = new Map<string, number>();
  /** What each asker waits with; whose turn is next comes first. */
  const queues = new Map<string, Waiting[]>();
  let waiting = 0;

  const atWork = ({ key }: Asker) => working.get(key) ?? 0;
  const inQueue = ({ key }: Asker) => queues.get(key)?.length ?? 0;
  const shareOf = ({ who }: Asker) => part(places(), share[who]);
  const fits = (asker: Asker) => {
    const free = places() - taken;
    return free > part(places(), kept) || (free > 0 && atWork(asker) < shareOf(asker));
  };
  const longest = () =>
    [...queues.values()].reduce<Waiting[]>((most, one) => (one.length > most.length ? one : most), []);

  const isModest = (asker: Asker) => atWork(asker) + inQueue(asker) < shareOf(asker);
  const full = (reason: 'full' | 'waited', isModest: boolean) => {
    tell.refused(reason);
    if (isModest) tell.strained();
    return FULL;
  };
  const noRoomFor = (asker: Asker) => {
    if (isModest(asker)) return full('full', true);
    tell.refused('share');
    return GREEDY;
  };

  const refusal = (asker?: Asker) => {
    if (!asker) return taken < places() + first ? undefined : full('full', false);
    const room = fits(asker) || waiting < queue || inQueue(asker) + 1 < longest().length;
    return room ? undefined : noRoomFor(asker);
  };

  const begin = (asker: Asker) => {
    taken += 1;
    tally(working, asker.key, 1);
  };
  const left = (mine: Waiting[], { key }: Asker) => {
    if (mine.length === 0) queues.delete(key);
    tell.waiting(--waiting);
  };
  /** Gives what is free to who waits, one of each in turn. */
  const admit = () => {
    for (const [key, mine] of queues) {
      const [one] = mine;
      if (!one || taken >= places()) return;
      if (!fits(one.asker)) continue;
      mine.shift();
      // The next of the same comes after all others; the loop meets it there.
      queues.delete(key);
      if (mine.length > 0) queues.set(key, mine);
      tell.waiting(--waiting);
      if (clock.now().getTime() - one.since >= STRAIN && one.modest) tell.strained();
      begin(one.asker);
      one.resolve();
    }
  };
  const giveWay = () => {
    const most = longest();
    const last = most.at(-1);
    if (!last) return;
    const refused = noRoomFor(last.asker);
    most.pop();
    left(most, last.asker);
    last.resolve(refused);
  };
  const wait = async (asker: Asker) => {
    if (waiting >= queue) giveWay();
    const { promise, resolve } = Promise.withResolvers<Rejection | undefined>();
    const one = { asker, since: clock.now().getTime(), modest: isModest(asker), resolve };
    const mine = queues.get(asker.key) ?? [];
    queues.set(asker.key, mine);
    mine.push(one);
    tell.waiting(++waiting);
    const over = new AbortController();
    void clock.sleep(PATIENCE, over.signal).then(() => {
      const at = mine.indexOf(one);
      if (at < 0) return;
      mine.splice(at, 1);
      left(mine, asker);
      resolve(full('waited', one.modest));
    });
    const refused = await promise;
    over.abort();
    return refused;
  };

  return {
    refusal,
    enter(asker) {
      const no = refusal(asker);
      if (no) return no;
      if (!asker) taken += 1;
      else if (fits(asker)) begin(asker);
      else return wait(asker);
      return undefined;
    },
    leave(asker) {
      taken -= 1;
      if (asker) tally(working, asker.key, -1);
      admit();
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
