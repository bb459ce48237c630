import { performance } from 'node:perf_hooks';
import type { Request } from 'express';
import type { Metrics } from '../metrics.ts';
import type { Clock } from '../runtime.ts';
import type { User } from '../user.ts';
import { type Asker, type Bounds, type Door, openDoor, part } from './door.ts';

/** How long it counts that there was hardly room for who finishes, in milliseconds. */
const STRAINED = 1000;
/** Who asks for more than their share is told so after this long, in milliseconds: a loop of refusals must cost little. */
export const PENALTY = 250;
/** How often the number of places follows the load, in milliseconds. */
const BEAT = 100;
/** Above this part of its time at work, a process gains nothing from more requests at a time: they wait for each other. */
const SATURATED = 0.95;

/**
 * `finishing` ends what was begun, such as paying what was reserved: it has a quarter of the places, always. `uploads` are
 * files that are taken apart, which takes memory: one at a time. `files` are being sent, for as long as their readers take.
 */
type Kind = 'requests' | 'finishing' | 'streams' | 'uploads' | 'files';

export interface Admission {
  door(service: string, kind: Kind): Door;
  /** Whether somebody who finished at a service lately had waited long for a place: others are turned away, or will be. */
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
 * by additive increase and multiplicative decrease, so that who is let in is answered soon. Streams stay open, so of them
 * nobody ever has more than a share.
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
    uploads: { places: () => 1, queue: 8, first: 0, kept: 1, share: { user: 1, address: 1 } },
    files: { ...usual, places: () => requests },
    streams: { places: () => streams, queue: 0, first: 0, kept: 1, share: { user: 100, address: 10 } },
  };
  const doors = new Map<string, Door>();
  /** When somebody who had waited long last finished, by service. */
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
    congested(service) {
      const ago = clock.now().getTime() - (strained.get(service) ?? -Infinity);
      return ago >= 0 && ago < STRAINED;
    },
    async follow(signal) {
      for (;;) {
        await clock.sleep(BEAT, signal);
        if (signal.aborted) return;
        const fewer = utilization() > SATURATED;
        places = fewer ? Math.max(least, Math.floor(places * 0.8)) : Math.min(requests, places + least / 8);
        metrics.gauge('requests_places', {}, places);
        if (!fewer) for (const door of doors.values()) door.admit();
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
