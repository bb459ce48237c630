import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MUTANTS as SIMULATED } from '../simulation/mutants.ts';
import { MUTANTS } from './mutants.ts';
import { plantedPoints } from './points.ts';
import { nextVersion, UNRULY_BUS } from './preload.ts';

const ROOT = join(import.meta.dirname, '../..');
const plants = [
  ...plantedPoints,
  UNRULY_BUS,
  ...nextVersion,
  ...Object.values(MUTANTS).flatMap(({ changes }) => changes),
  ...SIMULATED.flatMap(({ file, old, also }) => [{ file, old }, ...(also ? [{ file, old: also.old }] : [])]),
];

test.each(plants)('$old has its place in $file', async ({ file, old }) => {
  const source = await readFile(join(ROOT, file), 'utf8');
  expect(source.split(old)).toHaveLength(2);
});
