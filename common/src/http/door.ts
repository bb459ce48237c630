import { reject, type Rejection } from '../rejection.ts';
import type { Clock } from '../runtime.ts';

/** How long a request may wait for its turn, in milliseconds. */
const PATIENCE = 1000;
/** Who waited so long and then finished what they came for shows that there is hardly room, in milliseconds. */
const STRAIN = 500;
/** Seconds after which who was refused may come back: what is at work now is done by then. */
const RETRY_AFTER = 1;

export const FULL = reject('unavailable', 'Too many people are asking at once; try again in a moment', {
  retryAfter: RETRY_AFTER,
});
export const GREEDY = reject('too-many', 'Too many requests of yours are at work; wait for their answers', {
  retryAfter: RETRY_AFTER,
});

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
  /** `finished`: what they came for was done. */
  leave(asker?: Asker, finished?: boolean): void;
  /** To be called when there are more places than before. */
  admit(): void;
}

export interface Bounds {
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

export interface Telling {
  refused(reason: 'full' | 'share' | 'waited'): void;
  waiting(length: number): void;
  strained(): void;
}

interface Waiting {
  since: number;
  /** Had less than a share when they came. */
  modest: boolean;
  resolve(refusal?: Rejection): void;
}

interface Queue {
  asker: Asker;
  waiting: Waiting[];
  /** How many of it got a place since others had their turn. */
  turns: number;
}

/** Counts for each key what it holds; who holds nothing is not kept. */
export const tally = (held: Map<string, number>, key: string, more: number): void => {
  const now = (held.get(key) ?? 0) + more;
  if (now === 0) held.delete(key);
  else held.set(key, now);
};

export const part = (whole: number, of: number): number => Math.ceil(whole / of);

/**
 * What is free is anybody's: a fair share counts where there is not enough. Of the places the last part is for who has less
 * than their share; who waits has a queue of their own, and these get places in turns (J. Nagle, RFC 970, "On Packet Switches
 * With Infinite Storage"), an address as many more as its share is larger; when all queues are full, the longest gives way
 * (B. Suter et al., "Buffer Management Schemes for Supporting TCP in Gigabit Routers with Per-Flow Queueing", 1999).
 */
export function openDoor({ places, queue, first, kept, share }: Bounds, clock: Clock, tell: Telling): Door {
  let taken = 0;
  const working = new Map<string, number>();
  /** Whose turn is next comes first. */
  const queues = new Map<string, Queue>();
  let waiting = 0;
  /** Those at work who waited for long. */
  const slow = new Set<string>();

  const atWork = ({ key }: Asker) => working.get(key) ?? 0;
  const inQueue = ({ key }: Asker) => queues.get(key)?.waiting.length ?? 0;
  const shareOf = ({ who }: Asker) => part(places(), share[who]);
  const turnsOf = ({ who }: Asker) => share.user / share[who];
  const isModest = (asker: Asker) => atWork(asker) + inQueue(asker) < shareOf(asker);
  const fits = (asker: Asker) => {
    const free = places() - taken;
    return free > part(places(), kept) || (free > 0 && atWork(asker) < shareOf(asker));
  };
  /** What they wait with beyond one request, in turns. */
  const beyondOne = (one: Queue) => (one.waiting.length - 1) / turnsOf(one.asker);
  const longest = () =>
    [...queues.values()].reduce<Queue | undefined>(
      (most, one) => (most && beyondOne(most) >= beyondOne(one) ? most : one),
      undefined,
    );

  const full = (reason: 'full' | 'waited') => {
    tell.refused(reason);
    return FULL;
  };
  const refuse = (modest: boolean, reason: 'full' | 'waited') => {
    if (modest) return full(reason);
    tell.refused('share');
    return GREEDY;
  };

  const refusal = (asker?: Asker) => {
    if (!asker) return taken < places() + first ? undefined : full('full');
    if (fits(asker) || waiting < queue) return undefined;
    const most = longest();
    const givesWay = most && inQueue(asker) / turnsOf(asker) < beyondOne(most);
    return givesWay ? undefined : refuse(isModest(asker), 'full');
  };

  const begin = (asker: Asker) => {
    taken += 1;
    tally(working, asker.key, 1);
  };
  /** One less waits in a queue. */
  const left = ({ asker, waiting: { length } }: Queue) => {
    if (length === 0) queues.delete(asker.key);
    tell.waiting(--waiting);
  };
  const admit = () => {
    for (const mine of queues.values()) {
      const { asker, waiting: all } = mine;
      for (; mine.turns < turnsOf(asker) && all.length > 0 && fits(asker); mine.turns += 1) {
        const one = all.shift();
        left(mine);
        if (one?.modest && clock.now().getTime() - one.since >= STRAIN) slow.add(asker.key);
        begin(asker);
        one?.resolve();
      }
      if (taken >= places()) return;
      if (all.length === 0 || mine.turns < turnsOf(asker)) continue;
      // The others have their turn; the loop meets it again after them.
      mine.turns = 0;
      queues.delete(asker.key);
      queues.set(asker.key, mine);
    }
  };
  const giveWay = () => {
    const most = longest();
    const last = most?.waiting.at(-1);
    if (!most || !last) return;
    const refused = refuse(isModest(most.asker), 'full');
    most.waiting.pop();
    left(most);
    last.resolve(refused);
  };
  const wait = async (asker: Asker) => {
    if (waiting >= queue) giveWay();
    const { promise, resolve } = Promise.withResolvers<Rejection | undefined>();
    const one = { since: clock.now().getTime(), modest: isModest(asker), resolve };
    const mine = queues.get(asker.key) ?? { asker, waiting: [], turns: 0 };
    queues.set(asker.key, mine);
    mine.waiting.push(one);
    tell.waiting(++waiting);
    const over = new AbortController();
    void clock.sleep(PATIENCE, over.signal).then(() => {
      const at = mine.waiting.indexOf(one);
      if (at < 0) return;
      mine.waiting.splice(at, 1);
      left(mine);
      resolve(refuse(one.modest, 'waited'));
    });
    const refused = await promise;
    over.abort('admitted'); // a reason, as the default is an error with its stack
    return refused;
  };

  return {
    refusal,
    admit,
    enter(asker) {
      const no = refusal(asker);
      if (no) return no;
      if (!asker) taken += 1;
      else if (fits(asker)) begin(asker);
      else return wait(asker);
      return undefined;
    },
    leave(asker, finished = false) {
      taken -= 1;
      if (asker) {
        tally(working, asker.key, -1);
        if (finished && slow.has(asker.key)) tell.strained();
        if (atWork(asker) === 0) slow.delete(asker.key);
      }
      admit();
    },
  };
}
