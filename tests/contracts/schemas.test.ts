import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ASYNCAPI, broken, LISTENERS, stale, TABLE, unheard } from './generated.ts';

const root = join(import.meta.dirname, '../..');
const schema = 'common/schemas/order-created.json';

/** A copy of what is committed, to be damaged. */
const committed = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'schemas-'));
  for (const path of ['common/schemas', TABLE, ASYNCAPI])
    await cp(join(root, path), join(folder, path), { recursive: true });
  const edit = async (path: string, change: (text: string) => string) =>
    writeFile(join(folder, path), change(await readFile(join(folder, path), 'utf8')));
  return { folder, edit, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
};

test('the committed schemas and the table of events say what the contracts and handlers say', async () => {
  expect(await stale(root)).toEqual([]);
  expect(await broken(root)).toEqual([]);
});

test('a schema that was edited, one that is missing, one too many, and an old table are found', async () => {
  await using copy = await committed();
  await copy.edit(schema, (text) => text.replace('"minimum": 0', '"minimum": 1'));
  await rm(join(copy.folder, 'common/schemas/order-updated.json'));
  await writeFile(join(copy.folder, 'common/schemas/order-forgotten.json'), '{}');
  await copy.edit(TABLE, (text) =>
    text.replace('| orders | tickets, payments, expiration, admissions |', '| orders | tickets |'),
  );
  expect((await stale(copy.folder)).sort()).toEqual([
    schema,
    'common/schemas/order-forgotten.json',
    'common/schemas/order-updated.json',
    TABLE,
  ]);
});

test('the AsyncAPI document names nothing that is not there, and a sender of each message', async () => {
  const text = await readFile(join(root, ASYNCAPI), 'utf8');
  const document = JSON.parse(text) as Record<string, unknown> & {
    channels: object;
    operations: Record<string, { action: string; channel: { $ref: string } }>;
  };
  for (const [, ref = ''] of text.matchAll(/"\$ref": "([^"]+)"/g)) {
    const found = ref.startsWith('#/')
      ? ref
          .slice(2)
          .split('/')
          .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document)
      : JSON.parse(await readFile(join(root, 'docs', ref), 'utf8'));
    expect({ ref, found: typeof found }).toEqual({ ref, found: 'object' });
  }
  const sent = Object.values(document.operations).filter(({ action }) => action === 'send');
  expect(sent.map(({ channel }) => channel.$ref.split('/').at(-1)).sort()).toEqual(
    Object.keys(document.channels).sort(),
  );
});

test('a page that lost its markers is an error, not a page without a table', async () => {
  await using copy = await committed();
  await copy.edit(TABLE, (text) => text.replace('<!-- /events -->', ''));
  await expect(stale(copy.folder)).rejects.toThrow('has no <!-- events -->');
});

test('a release that knew more than the contracts do is broken by them', async () => {
  await using copy = await committed();
  const released = 'common/schemas/released';
  await copy.edit(`${released}/order-created.json`, (text) =>
    text.replace('"refunded"', '"refunded", "sent"'),
  );
  await writeFile(join(copy.folder, released, 'order-forgotten.json'), '{}');
  expect(await broken(copy.folder)).toEqual([
    'order:created: data.status: the value sent was removed',
    'order-forgotten.json: the event was removed',
  ]);
});

test('who hears one subject of a thing hears all of them', () => {
  const listening = globSync('*/src/handlers.ts', { cwd: root });
  expect(Object.keys(LISTENERS).sort()).toEqual(listening.map((path) => path.split('/')[0]).sort());
  expect(unheard()).toEqual([]);
});

test('a service that hears the end of a payment alone is found', () => {
  const orders = LISTENERS['orders']!.filter(({ subject }) => subject !== 'payment:started');
  expect(unheard({ ...LISTENERS, orders })).toEqual(['orders does not hear payment:started']);
});
