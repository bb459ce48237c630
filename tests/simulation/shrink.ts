import type { Backend } from './memory.ts';
import { type Outcome, type Plan, simulate } from './run.ts';

/** Looks for a smaller run that fails in the same way: fewer people, deeds and faults, and then the shortest trace. */
export async function shrink(outcome: Outcome, backend: Backend, tries = 60): Promise<Outcome> {
  let smallest = outcome;
  for (const smaller of ['people', 'faults', 'acts'] as const) {
    for (;;) {
      const { plan } = smallest;
      if (plan[smaller] <= (smaller === 'faults' ? 0 : 1)) break;
      const found = await anyFailing(
        { ...plan, [smaller]: plan[smaller] - 1 },
        kindOf(outcome),
        backend,
        tries,
      );
      if (!found) break;
      smallest = found;
    }
  }
  return smallest;
}

const anyFailing = async (
  plan: Plan,
  kind: string,
  backend: Backend,
  tries: number,
): Promise<Outcome | undefined> => {
  for (let n = 0; n < tries; n++) {
    const outcome = await simulate({ ...plan, seed: plan.seed + n }, backend);
    if (kindOf(outcome) === kind) return outcome;
  }
  return undefined;
};

/** A failure without its ids and numbers. */
const kindOf = ({ failure }: Outcome) =>
  (failure?.split('\n')[0] ?? '').replace(/#?[0-9a-f]*\d[0-9a-f]*/g, '');
