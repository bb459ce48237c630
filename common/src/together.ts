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
 * an answer for each ask, in order; when it rejects, all its asks do.
 * Sources: group commit; singleflight (https://pkg.go.dev/golang.org/x/sync/singleflight).
 */
export function together() {
  const waiting = new Map<string, Ask[]>();

  const go = (kind: string, asks: readonly Ask[], run: (asks: unknown[]) => Promise<unknown[]>) => {
    const line: Ask[] = [];
    waiting.set(kind, line);
    /** Once: when the run is over, or slow. */
    const next = () => {
      clearTimeout(slow);
      if (waiting.get(kind) !== line) return;
      if (line.length > 0) go(kind, line, run);
      else waiting.delete(kind);
    };
    const slow = setTimeout(next, SLOW);
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
      if (line) line.push(one);
      else go(kind, [one], run as never);
    });
}
