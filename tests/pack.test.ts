import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const exec = promisify(execFile);
const npm = (cwd: string, ...args: string[]) => exec('npm', args, { cwd, maxBuffer: 16 * 1024 * 1024 });

interface Tarball {
  filename: string;
  files: { path: string }[];
}

let folder: string;
let packed: string[];

const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    outDir: 'out',
  },
  include: ['*.ts'],
};

/** What a stranger would write with it. */
const stranger = `
import { OrderCreated, type OrderStatus } from '@ticketing/common/contracts/order';
import { memoryBus } from '@ticketing/common/bus/memory';
import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { readEnvelope } from '@ticketing/common/handler';
import { host } from '@ticketing/common/host';
import { change } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import { eventually, testHost } from '@ticketing/common/testing';
import schema from '@ticketing/common/schemas/order-created.json' with { type: 'json' };
import { WishMade, wishes } from './wishes.js';

const refuse = (status: OrderStatus): Rejection => reject('conflict', status);
// @ts-expect-error a status that nobody knows: the types are there, and not any
refuse('sent');

const bus = memoryBus();
const heard: string[] = [];
bus.subscribe({
  subject: WishMade.subject,
  group: 'stranger',
  handle: async (message) => void heard.push(WishMade.parse(readEnvelope(message)).data.text),
});
const running = await testHost([wishes], { mongoUrl: process.env['MONGO_URL'] ?? '', bus });
try {
  const reply = await fetch(running.url + '/api/wishes', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'a front row seat' }),
  });
  await eventually(() => heard.length > 0);
  const known = [host, change, natsStreamingBus].every((one) => typeof one === 'function');
  console.log(JSON.stringify({
    status: reply.status,
    heard,
    known,
    refused: isRejection(refuse('created')),
    schema: schema.title === OrderCreated.subject,
  }));
} finally {
  await running.destroy();
}
`;

/** The examples of the page, by the file that their first line names. */
const examples = async () =>
  [
    ...(await readFile(join(root, 'common/README.md'), 'utf8')).matchAll(/```ts\n\/\/ ([\w.]+):[^]*?```/g),
  ].map(([block, name]) => [name!, block.slice('```ts\n'.length, -3)] as const);

const compile = (...options: string[]) =>
  exec(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.', ...options], {
    cwd: folder,
  }).catch((error: unknown) => ({ stdout: (error as { stdout: string }).stdout }));

/** Builds and packs a copy, so that no other run finds `dist` half built; inside the checkout, for its node_modules. */
const pack = async () => {
  await mkdir(join(root, '.local'), { recursive: true });
  const copy = await mkdtemp(join(root, '.local/pack-'));
  try {
    const ours = /^(?!.*[/\\](dist|node_modules)$)/;
    await cp(join(root, 'common'), join(copy, 'common'), {
      recursive: true,
      filter: (path) => ours.test(path),
    });
    await cp(join(root, 'tsconfig.json'), join(copy, 'tsconfig.json'));
    const { stdout } = await npm(join(copy, 'common'), 'pack', '--json', '--pack-destination', folder);
    const [tarball] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [Tarball];
    return tarball;
  } finally {
    await rm(copy, { recursive: true });
  }
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pack-'));
  const tarball = await pack();
  packed = tarball.files.map(({ path }) => path);
  const dependencies = {
    '@ticketing/common': `file:./${tarball.filename}`,
    express: '^5.3.0',
    zod: '^4.6.7',
  };
  const files = {
    'package.json': JSON.stringify({ name: 'stranger', private: true, type: 'module', dependencies }),
    'tsconfig.json': JSON.stringify(tsconfig),
    'stranger.ts': stranger,
    ...Object.fromEntries(await examples()),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the package holds what is built, the schemas, a page and the licence, and no tests or sources', async () => {
  const modules = (await readdir(join(root, 'common/src'), { recursive: true })).filter((path) =>
    path.endsWith('.ts'),
  );
  const built = modules.flatMap((path) =>
    ['.js', '.d.ts'].map((end) => `dist/${path.replace(/\.ts$/, end)}`),
  );
  const schemas = (await readdir(join(root, 'common/schemas'), { recursive: true })).filter((path) =>
    path.endsWith('.json'),
  );
  const rest = ['LICENSE', 'README.md', 'package.json', ...schemas.map((path) => `schemas/${path}`)];
  expect([...packed].sort()).toEqual([...built, ...rest].sort());
  expect(await readFile(join(root, 'common/LICENSE'), 'utf8')).toBe(
    await readFile(join(root, 'LICENSE'), 'utf8'),
  );
});

test('every subpath of the table of its page is there', async () => {
  const page = await readFile(join(root, 'common/README.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => [
    ...cell!.matchAll(/`([^`*]+)`/g),
  ]);
  expect(rows.length).toBeGreaterThan(20);
  for (const [, subpath] of rows) expect(packed).toContain(`dist/${subpath}.js`);
});

test('in an empty project it type-checks strictly, libraries included, and runs on plain node', async () => {
  expect(await compile()).toEqual(expect.objectContaining({ stdout: '' }));
  const env = { PATH: process.env['PATH'], MONGO_URL: process.env['TEST_MONGO_URL'] };
  const { stdout } = await exec(process.execPath, ['out/stranger.js'], { cwd: folder, env });
  expect(JSON.parse(stdout)).toEqual({
    status: 201,
    heard: ['a front row seat'],
    known: true,
    refused: true,
    schema: true,
  });
});

test('the page has an example of a service and of its main, and both were compiled', async () => {
  expect((await examples()).map(([name]) => name)).toEqual(['wishes.ts', 'main.ts']);
  expect(await readdir(join(folder, 'out'))).toEqual(expect.arrayContaining(['wishes.js', 'main.js']));
});

test('a type that the package should have brought would be missed', async () => {
  const brought = join(folder, 'node_modules/@types/express');
  await rm(brought, { recursive: true });
  await mkdir(brought);
  expect((await compile('--noEmit')).stdout).toMatch(/@ticketing\/common\/dist.*error TS/);
});
