import type { Request } from 'express';
import type { Metrics } from '../metrics.ts';
import { reject, type Rejection } from '../rejection.ts';
import type { Clock } from '../runtime.ts';
import type { User } from '../user.ts';

/** How long a request may wait for its turn, in milliseconds. */
export const PATIENCE = 500;
/** Seconds after which who was refused may come back: what is at work now is done by then. */
const RETRY_AFTER = 1;

interface Settings {
  /** Requests at work at a time, of each service. */
  requests: number;
  /** Open streams at a time, of each service. */
  streams: number;
  clock: Clock;
  metrics: Metrics;
}

/** Who asks, and how many places they may hold at a time. */
export interface Asker {
  key: string;
  share: number;
}

/** The door of one compartment. */
export interface Door {
  /** The refusal of who has no chance now: told before anything is read. */
  refusal(asker: Asker | undefined): Rejection | undefined;
  /** Takes a place, after a while in the queue if need be. With no refusal, `leave` must follow. */
  enter(asker: Asker | undefined): Rejection | undefined | Promise<Rejection | undefined>;
  leave(asker: Asker | undefined): void;
}

/** What decides who gets in: for each request the door of its compartment, and whose share it counts for. */
export interface Admission {
  door(service: string, kind: 'requests' | 'streams'): Door;
  asker(kind: 'requests' | 'streams', user: Pick<User, 'id'> | undefined, req: Pick<Request, 'ip'>): Asker;
}

/**
 * Bulkheads: each service has so many places, and a short queue before them; what does not fit is refused at once
 * (M. Nygard, *Release It!*, "Bulkheads" and "Shed Load"; a queue of at most half the places: B. Beyer et al., *Site
 * Reliability Engineering*, chapter 22, "Queue Management"). Nobody holds more than a share of the places: a user a
 * quarter, an address with whoever is behind it half. How slow one service is takes no place of another's.
 */
export function admission({ requests, streams, clock, metrics }: Settings): Admission {
  const bounds = {
    requests: {
      places: requests,
      queue: part(requests, 2),
      user: part(requests, 4),
      address: part(requests, 2),
    },
    // A browser has one for each page that is open; behind an address may be a company.
    streams: { places: streams, queue: 0, user: part(streams, 100), address: part(streams, 10) },
  };
  const doors = new Map<string, Door>();
  return {
    door(service, kind) {
      const name = `${service} ${kind}`;
      const known = doors.get(name);
      if (known) return known;
      const count = (reason: string) =>
        metrics.count('requests_refused_total', { compartment: service, kind, reason });
      const tell = (length: number) => metrics.gauge('requests_waiting', { compartment: service }, length);
      const made = openDoor({ ...bounds[kind], clock, count, tell });
      doors.set(name, made);
      return made;
    },
    asker: (kind, user, { ip }) =>
      user
        ? { key: user.id, share: bounds[kind].user }
        : { key: networkOf(ip ?? 'unknown'), share: bounds[kind].address },
  };
}

const part = (whole: number, of: number) => Math.max(1, Math.ceil(whole / of));

interface DoorSettings {
  places: number;
  queue: number;
  clock: Clock;
  count(reason: 'full' | 'share' | 'waited'): void;
  /** How many wait. */
  tell(length: number): void;
}

function openDoor({ places, queue, clock, count, tell }: DoorSettings): Door {
  let taken = 0;
  const held = new Map<string, number>();
  const first: (() => void)[] = [];
  const waiting: (() => void)[] = [];

  const hold = ({ key }: Asker, more: 1 | -1) => {
    const now = (held.get(key) ?? 0) + more;
    if (now === 0) held.delete(key);
    else held.set(key, now);
  };

  const refusal = (asker: Asker | undefined) => {
    if (asker && (held.get(asker.key) ?? 0) >= asker.share) {
      count('share');
      return GREEDY;
    }
    // Who counts for nobody finds a queue of their own.
    if (taken < places || (asker ? waiting : first).length < queue) return undefined;
    count('full');
    return FULL;
  };

  const turn = async (line: (() => void)[]): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const over = new AbortController();
    const mine = () => resolve(true);
    line.push(mine);
    tell(first.length + waiting.length);
    void clock.sleep(PATIENCE, over.signal).then(() => {
      const at = line.indexOf(mine);
      if (at < 0) return;
      line.splice(at, 1);
      resolve(false);
    });
    const came = await promise;
    over.abort();
    tell(first.length + waiting.length);
    return came;
  };

  const wait = async (asker: Asker | undefined) => {
    const came = await turn(asker ? waiting : first);
    if (came) return undefined;
    if (asker) hold(asker, -1);
    count('waited');
    return FULL;
  };

  return {
    refusal,
    enter(asker) {
      const no = refusal(asker);
      if (no) return no;
      if (asker) hold(asker, 1);
      if (taken === places) return wait(asker);
      taken += 1;
      return undefined;
    },
    leave(asker) {
      if (asker) hold(asker, -1);
      const next = first.shift() ?? waiting.shift();
      if (next) next();
      else taken -= 1;
    },
  };
}

const FULL = reject('unavailable', 'Too many people are asking at once; try again in a moment', {
  retryAfter: RETRY_AFTER,
});
const GREEDY = reject('too-many', 'Too many requests of yours are at work; wait for their answers', {
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
