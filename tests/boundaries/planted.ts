import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

const packages = [
  'common',
  'auth',
  'events',
  'tickets',
  'orders',
  'payments',
  'expiration',
  'admissions',
  'operations',
  'local/sandbox',
  'local/engines',
  'local/suite',
  'nats-tests',
  'tests',
];

/**
 * A small copy of the workspace that holds only the given files, by path. It lies inside the checkout, so that
 * npm packages resolve as they do in the real one, while `@ticketing/*` leads to the planted packages.
 */
export const plant = async (files: Record<string, string>) => {
  await mkdir(join(root, '.local'), { recursive: true });
  const folder = await mkdtemp(join(root, '.local/planted-'));
  const at = (...path: string[]) => join(folder, ...path);
  await mkdir(at('node_modules/@ticketing'), { recursive: true });
  await cp(join(root, 'package.json'), at('package.json'));
  for (const name of packages) {
    await mkdir(at(name), { recursive: true });
    await cp(join(root, name, 'package.json'), at(name, 'package.json'));
    await symlink(at(name), at('node_modules/@ticketing', basename(name)));
  }
  const tsconfig = { extends: '../../tsconfig.json', include: ['*/src', '*/test', 'local/*/src', 'tests'] };
  for (const [path, source] of Object.entries({ 'tsconfig.json': JSON.stringify(tsconfig), ...files })) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), source);
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
};

/** What a command-line tool of the workspace prints in `cwd`, whatever its exit code: a violation is one. */
export const run = (cwd: string, script: string, ...options: string[]) =>
  new Promise<string>((resolve, fail) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules', script), ...options],
      { cwd, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => {
        if (stdout === '') fail(new Error(`${script} printed nothing: ${stderr}`));
        else resolve(stdout);
      },
    );
  });
