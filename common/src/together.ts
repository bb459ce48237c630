import type { Clock } from './runtime.ts';

/** A run that takes longer than this, in milliseconds, holds up the next one no longer. */
const SLOW = 50;

interface Ask {
  ask: unknown;
  settle(answer: unknown): void;
  fail(error: unknown): void;
}

/**
 * Asks of one kind that come while a run of that kind is under way go together as the next run: at rest each goes at once and
 * alone, under load many cost one operation. Not a cache, as a run begins after the last of its asks. `run` resolves with
 * an answer for each ask, in order; when it rejects, all its asks do. `clock`: for who runs where time is not the system's.
 * Sources: group commit; singleflight (https://pkg.go.dev/golang.org/x/sync/singleflight).
 */
export function together(clock?: Pick<Clock, 'sleep'>) {
  const waiting = new Map<string, Ask[]>();

  const go = (kind: string, asks: readonly Ask[], run: (asks: unknown[]) => Promise<unknown[]>) => {
    const line: Ask[] = [];
    waiting.set(kind, line);
    /** Once: when the run is over, or slow. */
    const next = () => {
      stop();
      if (waiting.get(kind) !== line) return;
      if (line.length > 0) go(kind, line, run);
      else waiting.delete(kind);
    };
    const stop = after(next, clock);
    run(asks.map(({ ask }) => ask))
      .then(
        (answers) => {
          for (const [index, { settle }] of asks.entries()) settle(answers[index]);
        },
        (error: unknown) => {
          for (const { fail } of asks) fail(error);
        },
      )
      .finally(next);
  };

  return <A, R>(kind: string, ask: A, run: (asks: A[]) => Promise<R[]>): Promise<R> =>
    new Promise<R>((settle, fail) => {
      const one = { ask, settle, fail } as Ask;
      const line = waiting.get(kind);
      if (line) return void line.push(one);
      const first = [one];
      waiting.set(kind, first);
      // When all that is ready to run has: who was answered together asks together next.
      process.nextTick(go, kind, first, run);
    });
}

/** Calls `next` when a run is slow, unless it is stopped before. */
function after(next: () => void, clock?: Pick<Clock, 'sleep'>): () => void {
  if (!clock) {
    const timer = setTimeout(next, SLOW);
    return () => clearTimeout(timer);
  }
  let isOver = false;
  void clock.sleep(SLOW).then(() => isOver || next());
  return () => (isOver = true);
}
