import type { Plan } from './run.ts';

/** Runs that once found a real bug; each stays as a regression test, with what it found in docs/simulation.md. */
export const KEPT: readonly (Plan & { found: string })[] = [];
