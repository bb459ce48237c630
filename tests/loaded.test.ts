import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/** Starts a service's own program without settings: it loads all of its modules, names what is missing, and ends. */
const packagesOf = (service: string) =>
  new Promise<string[]>((resolve) => {
    const args = [
      '--conditions=source',
      '--import',
      join(import.meta.dirname, 'loaded.ts'),
      `${service}/src/main.ts`,
    ];
    const options = { cwd: join(import.meta.dirname, '..'), env: { PATH: process.env['PATH'] } };
    execFile(process.execPath, args, options, (_error, output) => {
      resolve(JSON.parse(output.trim().split('\n').at(-1) ?? '') as string[]);
    });
  });

test.each([
  ['auth', []],
  ['tickets', []],
  ['orders', []],
  ['payments', ['stripe']],
  ['expiration', ['bull', 'ioredis']],
  ['admissions', []],
])('%s loads no library of another service', async (service, own) => {
  const packages = await packagesOf(service);
  expect(packages).toContain('zod');
  expect(packages.filter((name) => ['stripe', 'bull', 'ioredis'].includes(name)).sort()).toEqual(own);
});
