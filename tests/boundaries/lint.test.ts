import { beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { plant, root, run } from './planted.ts';

interface Linted {
  filePath: string;
  messages: { ruleId: string | null; message: string }[];
}

/** rule, the file that breaks it, its source. */
const guilty: [rule: string, file: string, source: string][] = [
  [
    '@typescript-eslint/no-floating-promises',
    'orders/src/floating.ts',
    `const publish = () => Promise.resolve();
     export const place = () => { publish(); };`,
  ],
  [
    '@typescript-eslint/no-misused-promises',
    'orders/src/misused.ts',
    `export const all = (ids: string[], cancel: (id: string) => Promise<void>) => { ids.forEach(cancel); };`,
  ],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    'orders/src/switch.ts',
    `type Status = 'created' | 'cancelled' | 'complete';
     export const live = (status: Status) => {
       switch (status) {
         case 'created': return true;
         case 'cancelled': return false;
       }
       return undefined;
     };`,
  ],
  [
    '@typescript-eslint/consistent-type-imports',
    'orders/src/types.ts',
    `import { Server } from 'node:http'; export type Origin = Server;`,
  ],
  ['no-restricted-globals', 'orders/src/environment.ts', `export const hold = process.env['HOLD'];`],
  ['no-restricted-properties', 'common/src/environment.ts', `export const level = process.env['LOG_LEVEL'];`],
  [
    'no-restricted-properties',
    'orders/src/db.ts',
    `import mongoose from 'mongoose'; export const db = mongoose.connection;`,
  ],
  [
    'no-restricted-imports',
    'orders/src/process.ts',
    `import { env } from 'node:process'; export const hold = env['HOLD'];`,
  ],
  [
    'no-restricted-imports',
    'orders/src/barrel.ts',
    `import type { Rejection } from '@ticketing/common'; export type Refusal = Rejection;`,
  ],
  [
    'no-restricted-imports',
    'local/suite/src/across.ts',
    `import { expired } from '../../../orders/src/domain.ts'; export const late = expired;`,
  ],
  [
    'no-restricted-imports',
    'orders/src/model.ts',
    `import { connection } from 'mongoose'; export const Orders = connection.collection('orders');`,
  ],
  ['no-console', 'orders/src/print.ts', `export const tell = () => { console.log('sold'); };`],
  ['no-restricted-syntax', 'common/src/index.ts', `export * from './contracts.ts';`],
  ['no-restricted-syntax', 'tickets/src/domain.ts', `export const expired = (at: Date) => at < new Date();`],
];

const innocent = {
  'orders/src/domain.ts': `export const expired = (at: Date, now: Date) => at < now;`,
  'orders/src/main.ts': `console.log(process.env['PORT']);`,
  'common/src/contracts.ts': `export const contracts = 1;`,
  'local/suite/src/start.ts': `console.log(process.env['PORT']);`,
  'orders/test/races/two-buyers.test.ts': `import { expired } from '../../src/domain.ts'; export const late = expired;`,
  'payments/test/gateway.test.ts': `export const key = process.env['STRIPE_KEY'];`,
};

describe('a planted violation', () => {
  const caught = new Map<string, string[]>();

  beforeAll(async () => {
    const planted = Object.fromEntries(guilty.map(([, file, source]) => [file, source]));
    await using tree = await plant({ ...innocent, ...planted });
    const options = ['--config', join(root, 'eslint.config.js'), '--format', 'json', '.'];
    for (const { filePath, messages } of JSON.parse(
      await run(tree.folder, 'eslint/bin/eslint.js', ...options),
    ) as Linted[])
      caught.set(
        filePath.slice(tree.folder.length + 1),
        messages.map(({ ruleId, message }) => ruleId ?? message),
      );
  });

  test.each(guilty)('of %s in %s turns that rule red, and no other', (rule, file) => {
    expect([...new Set(caught.get(file))]).toEqual([rule]);
  });

  test.each(Object.keys(innocent))('is not seen in %s, which keeps the rules', (file) => {
    expect(caught.get(file)).toEqual([]);
  });
});
