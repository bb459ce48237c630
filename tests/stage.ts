const say = (line: string) => console.log(line);
let passed = 0;
let failed = 0;

/** A step that fails is told and counted; what comes after it is tried all the same. */
export async function step(title: string, work: () => Promise<string>): Promise<void> {
  const start = performance.now();
  const told = (mark: string, what: string) =>
    say(`${mark} ${title}: ${what.trim()} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  try {
    told('✓', await work());
    passed += 1;
  } catch (error) {
    told('✗', error instanceof Error ? error.message : String(error));
    failed += 1;
  }
}

/** Something that a step has to tell before its end. */
export const note = (line: string): void => say(`    ${line}`);

export const unchecked = (title: string, why: string): void => say(`– ${title}: NOT CHECKED, ${why}`);

export const must = (isSo: boolean, otherwise: () => string): void => {
  if (!isSo) throw new Error(otherwise());
};

/** The last line, `N passed, N failed`; true when nothing failed. */
export const tally = (): boolean => {
  say(`\n${passed} passed, ${failed} failed`);
  return failed === 0;
};
