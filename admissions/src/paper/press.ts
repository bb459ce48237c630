import { Worker } from 'node:worker_threads';
import { tally } from '@ticketing/common/http/door';
import { reject, type Rejection, Unavailable } from '@ticketing/common/rejection';
import type { Clock } from '@ticketing/common/runtime';
import type { Paper } from './ticket.ts';

/** Files that are drawn or wait for it: of all callers, and of one. */
const MOST = 32;
const MOST_OF_ONE = 2;
/** In bytes: what was drawn is kept as long as its thread. */
const MOST_KEPT = 4_000_000;
/** Seconds. */
const RETRY_AFTER = 2;
/** In milliseconds: no file takes as long; and so long without one the thread is let go with its fonts. */
const LONGEST = 30_000;
const IDLE = 120_000;

const FULL = reject('unavailable', 'Too many tickets are being drawn at once; try again in a moment', {
  retryAfter: RETRY_AFTER,
});
const GREEDY = reject('too-many', 'Other files of yours are being drawn; wait for them', {
  retryAfter: RETRY_AFTER,
});

/** What goes to the thread, and what comes of it. */
export interface Asked {
  n: number;
  papers: readonly Paper[];
}
export type Drawn = { n: number } & ({ bytes: Uint8Array<ArrayBuffer> } | { error: string });

interface Waiting {
  thread: Worker;
  resolve(bytes: Uint8Array): void;
  reject(error: Error): void;
}

export type Press = ReturnType<typeof press>;

/** Makes files of tickets, one at a time, in a thread that is there as long as it is needed: the event loop is for who asks. */
export function press({ clock, idleFor = IDLE }: { clock: Clock; idleFor?: number }) {
  let thread: Worker | undefined;
  let last = 0;
  let idle = new AbortController();
  let hung = new AbortController();
  const waiting = new Map<number, Waiting>();
  const callers = new Map<string, number>();
  const drawing = new Map<string, Promise<Uint8Array>>();
  const kept = new Map<string, Uint8Array>();

  const letGo = async () => {
    idle.abort('let go');
    const going = thread;
    thread = undefined;
    kept.clear();
    await going?.terminate();
  };

  const started = () => {
    if (thread) return thread;
    const made = new Worker(new URL('worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    made.unref();
    made.on('message', (drawn: Drawn) => {
      const one = waiting.get(drawn.n);
      waiting.delete(drawn.n);
      watch();
      if ('bytes' in drawn) one?.resolve(drawn.bytes);
      else one?.reject(new Error(`A ticket could not be drawn: ${drawn.error}`));
    });
    const lost = (cause?: unknown) => {
      if (thread === made) thread = undefined;
      const error = new Unavailable('Tickets cannot be drawn right now', { cause, retryAfter: RETRY_AFTER });
      for (const [n, one] of waiting) {
        if (one.thread !== made) continue;
        waiting.delete(n);
        one.reject(error);
      }
    };
    made.on('error', lost);
    made.on('exit', () => lost());
    return (thread = made);
  };

  /** A drawing that hangs is ended with its thread, and with it what waits behind it. */
  const watch = () => {
    hung.abort('goes on');
    if (waiting.size === 0) return;
    hung = new AbortController();
    const { signal } = hung;
    void clock.sleep(LONGEST, signal).then(() => (signal.aborted ? undefined : thread?.terminate()));
  };

  const draw = async (papers: readonly Paper[]) => {
    const n = last++;
    idle.abort('at work');
    const drawer = started();
    const { promise, resolve, reject: fail } = Promise.withResolvers<Uint8Array>();
    waiting.set(n, { thread: drawer, resolve, reject: fail });
    if (waiting.size === 1) watch();
    drawer.postMessage({ n, papers } satisfies Asked);
    try {
      return await promise;
    } finally {
      if (waiting.size === 0) rest();
    }
  };

  const rest = () => {
    idle.abort('anew');
    idle = new AbortController();
    const { signal } = idle;
    void clock.sleep(idleFor, signal).then(() => (signal.aborted ? undefined : letGo()));
  };

  const keep = (key: string, bytes: Uint8Array) => {
    kept.set(key, bytes);
    let size = [...kept.values()].reduce((sum, { length }) => sum + length, 0);
    for (const [oldest, { length }] of kept) {
      if (size <= MOST_KEPT) return;
      kept.delete(oldest);
      size -= length;
    }
  };

  return {
    /** The file of what a key names: the same key is the same file. */
    async file(caller: string, key: string, papers: () => readonly Paper[]): Promise<Uint8Array | Rejection> {
      const ready = kept.get(key) ?? drawing.get(key);
      if (ready) return ready;
      if ((callers.get(caller) ?? 0) >= MOST_OF_ONE) return GREEDY;
      if (drawing.size >= MOST) return FULL;
      tally(callers, caller, 1);
      const drawn = draw(papers());
      drawing.set(key, drawn);
      try {
        const bytes = await drawn;
        keep(key, bytes);
        return bytes;
      } finally {
        drawing.delete(key);
        tally(callers, caller, -1);
      }
    },
    /** Whether its thread is there. */
    atWork: () => thread !== undefined,
    close: letGo,
  };
}
