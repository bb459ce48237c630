import { terminalReport } from './report.ts';
import { resolveEngine } from './resolve.ts';
import { ENGINE_NAMES } from './table.ts';

/** Finds or fetches every engine at once, a line for each. In CI a missing one makes the process fail. */
export async function fetchAll(): Promise<void> {
  const report = terminalReport();
  const found = await Promise.allSettled(ENGINE_NAMES.map((name) => resolveEngine(name, { report })));
  if (process.env['CI'] === 'true' && found.some(({ status }) => status === 'rejected')) process.exitCode = 1;
}
