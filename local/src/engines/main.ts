import { type Report, terminalReport } from './report.ts';
import { type Engine, resolveEngine } from './resolve.ts';
import { ENGINE_NAMES } from './table.ts';

/** Finds or fetches every engine at once, a line for each. In CI a missing one makes the process fail. */
export const engines = async (
  report: Report = terminalReport(),
  env: NodeJS.ProcessEnv = process.env,
): Promise<readonly Engine[]> => {
  const results = await Promise.allSettled(ENGINE_NAMES.map((name) => resolveEngine(name, { env, report })));
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const missing = ENGINE_NAMES.length - found.length;
  if (missing > 0 && env['CI'] === 'true') process.exitCode = 1;
  return found;
};

if (import.meta.main) await engines();
