import type { Plan } from './run.ts';

/** Runs that once found a real bug; each stays as a regression test, with what it found in docs/simulation.md. */
export const KEPT: readonly (Plan & { found: string })[] = [
  {
    seed: 268093300,
    people: 2,
    acts: 2,
    faults: 17,
    nets: true,
    found:
      'a process that died before it first noted a healthy broker published nothing again when it started',
  },
];
