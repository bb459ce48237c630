import type { AggregatedResult, Reporter } from '@jest/reporters';

/** Ends the run's output with one plain line: `N passed, N failed`, and how many were skipped where any were. */
export default class Tally implements Pick<Reporter, 'onRunComplete'> {
  onRunComplete(_: unknown, results: AggregatedResult): void {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    const line = `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed${skipped}`;
    // jest's own summary comes after every other reporter.
    process.once('exit', () => process.stdout.write(`\n${line}\n`));
  }
}
