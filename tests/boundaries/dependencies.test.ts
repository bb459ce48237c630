import { beforeAll, describe, expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { plant, root, run } from './planted.ts';

const config = join(root, '.dependency-cruiser.cjs');
const { forbidden } = createRequire(import.meta.url)(config) as { forbidden: { name: string }[] };

interface Cruise {
  summary: { violations: { from: string; rule: { name: string } }[] };
}

const violations = async (cwd: string) => {
  const printed = await run(
    cwd,
    'dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    config,
    '-T',
    'json',
    '.',
  );
  return (JSON.parse(printed) as Cruise).summary.violations;
};

const service = (name: string) => ({
  [`${name}/src/domain.ts`]: `
    import { reject } from '@ticketing/common/rejection';
    import type { Order } from '@ticketing/common/contracts/order';
    import type { Changes } from '@ticketing/common/record';
    export const decide = (order: Order) => order.id === '' && reject('conflict', 'no');`,
  [`${name}/src/model.ts`]: `import 'mongoose'; export const models = 1;`,
  [`${name}/src/commands.ts`]: `import './domain.ts'; import './model.ts'; export type Commands = 1;`,
  [`${name}/src/routes.ts`]: `import type { Commands } from './commands.ts'; export const routes = (_: Commands) => 1;`,
  [`${name}/src/handlers.ts`]: `import './commands.ts'; import '@ticketing/common/contracts/order';`,
  [`${name}/src/service.ts`]: `import './routes.ts'; import './handlers.ts'; export const value = 1;`,
  [`${name}/src/main.ts`]: `import './service.ts'; import '@ticketing/common/host';`,
  [`${name}/test/service.test.ts`]: `import '../src/service.ts'; import '@ticketing/sandbox/sandbox';`,
});

/** What the rules allow, so that a rule that is too strict turns red as well. */
const innocent = {
  ...service('orders'),
  ...service('payments'),
  'common/src/rejection.ts': `export const reject = (code: string, message: string) => ({ code, message });`,
  'common/src/contracts/order.ts': `import 'zod'; export interface Order { id: string }`,
  'common/src/record.ts': `import './rejection.ts'; export type Changes = 1;`,
  'common/src/host.ts': `import './rejection.ts';`,
  'common/src/bus/nats-streaming.ts': `import 'node-nats-streaming';`,
  'payments/src/stripe.ts': `import 'stripe';`,
  'expiration/src/timers-bull.ts': `import 'bull'; import 'ioredis';`,
  'local/sandbox/src/sandbox.ts': `export const sandbox = 1;`,
  'local/sandbox/test/sandbox.test.ts': `import '../src/sandbox.ts'; import '@ticketing/engines/run';`,
  'local/engines/src/run.ts': `import 'mongodb'; export const run = 1;`,
  'local/suite/src/paint.ts': `import 'sharp';`,
  'local/suite/src/suite.ts': `import '@ticketing/orders/service'; import '@ticketing/payments/service'; import '@ticketing/common/host';`,
  'local/suite/src/prepare.ts': `import '@ticketing/engines/run'; import '@ticketing/sandbox/sandbox'; import '@ticketing/operations/running';`,
  'operations/src/running.ts': `import 'mongodb'; import '@ticketing/common/record'; export const running = 1;`,
  'operations/test/running.test.ts': `import '../src/running.ts'; import '@ticketing/suite/suite';`,
  'client/src/app/page.tsx': `import '../events/whats-on.tsx'; import '../finding/listing.ts';`,
  'client/src/app/market/page.tsx': `import '../../market/market.tsx'; import '../../finding/listing.ts';`,
  'client/src/events/whats-on.tsx': `import '../finding/listing.ts'; export const whatsOn = 1;`,
  'client/src/finding/listing.ts': `export const take = 1;`,
  'client/src/market/market.tsx': `import './list.ts'; import '../finding/listing.ts'; export const market = 1;`,
  'client/src/market/list.ts': `export const newer = 1;`,
  'client/src/types.ts': `import type { Order } from '@ticketing/common/contracts/order'; export type Mine = Order;`,
  'nats-tests/src/publish.ts': `import 'node-nats-streaming';`,
  'nats-tests/test/bus.test.ts': `import '@ticketing/engines/run';`,
  'common/src/testing.ts': `import '@jest/globals';`,
  'tests/journey.test.ts': `import '@ticketing/suite/suite'; import 'supertest'; import 'stripe';`,
};

/** rule, the file that breaks it, its source. */
const guilty: [rule: string, file: string, source: string][] = [
  ['everything-resolves', 'orders/src/nowhere.ts', `import '@ticketing/common/nowhere';`],
  ['no-cycles', 'common/src/egg.ts', `import './hen.ts';`],
  ['services-meet-only-by-events', 'orders/src/price.ts', `import '@ticketing/payments/model';`],
  [
    'services-meet-only-by-events',
    'orders/src/shape.ts',
    `import type {} from '@ticketing/payments/domain';`,
  ],
  ['services-meet-only-by-events', 'orders/src/path.ts', `import '../../payments/src/model.ts';`],
  ['common-knows-no-service', 'common/src/order.ts', `import '@ticketing/orders/domain';`],
  ['common-knows-no-service', 'common/test/order.test.ts', `import '@ticketing/orders/domain';`],
  ['nobody-builds-on-local', 'payments/src/gateway.ts', `import '@ticketing/sandbox/sandbox';`],
  ['nobody-builds-on-local', 'operations/src/prepare.ts', `import '@ticketing/engines/run';`],
  ['services-know-no-operator', 'payments/src/settle.ts', `import '@ticketing/operations/running';`],
  [
    'operations-know-no-service',
    'operations/src/roles.ts',
    `import type {} from '@ticketing/orders/domain';`,
  ],
  ['engines-and-sandbox-stand-alone', 'local/engines/src/home.ts', `import '@ticketing/operations/running';`],
  ['engines-and-sandbox-stand-alone', 'local/sandbox/src/log.ts', `import '@ticketing/common/rejection';`],
  ['engines-and-sandbox-stand-alone', 'local/sandbox/src/mongo.ts', `import '../../engines/src/run.ts';`],
  ['engines-and-sandbox-stand-alone', 'local/engines/src/pay.ts', `import '@ticketing/sandbox/sandbox';`],
  ['src-needs-no-tests', 'orders/src/sample.ts', `import '../test/service.test.ts';`],
  ['src-needs-no-tests', 'local/suite/src/publish.ts', `import '@ticketing/nats-tests/publish';`],
  ['src-needs-no-dev-dependencies', 'local/suite/src/load.ts', `import 'supertest';`],
  ['pages-know-only-the-contracts', 'client/src/page.tsx', `import type {} from '@ticketing/orders/domain';`],
  [
    'pages-know-only-the-contracts',
    'client/src/log.ts',
    `import type {} from '@ticketing/common/rejection';`,
  ],
  ['pages-take-only-types', 'client/src/parse.ts', `import '@ticketing/common/contracts/order';`],
  ['nobody-builds-on-the-pages', 'tests/page.test.ts', `import '../client/src/types.ts';`],
  ['the-market-stays-on-its-page', 'client/src/tickets/ticket.tsx', `import '../market/list.ts';`],
  ['finding-stays-where-one-searches', 'client/src/orders/list.tsx', `import '../finding/listing.ts';`],
  ['only-main-composes', 'orders/src/start.ts', `import '@ticketing/common/host';`],
  ['nothing-imports-main', 'local/suite/src/pod.ts', `import '@ticketing/orders/main';`],
  ['nothing-imports-main', 'local/suite/src/sandbox.ts', `import '../../sandbox/src/main.ts';`],
  ['domain-is-pure', 'auth/src/domain.ts', `import 'node:crypto';`],
  ['domain-is-pure', 'expiration/src/domain.ts', `import 'zod';`],
  ['domain-is-pure', 'tickets/src/domain/holds.ts', `import '../model.ts';`],
  [
    'domain-takes-only-types',
    'tickets/src/domain/price.ts',
    `import './money.ts'; import '@ticketing/common/record';`,
  ],
  [
    'model-and-ports-look-down',
    'tickets/src/model.ts',
    `import type { Commands } from '@ticketing/tickets/commands';`,
  ],
  ['commands-know-no-door', 'auth/src/commands.ts', `import './routes.ts';`],
  ['doors-know-no-other-door', 'expiration/src/handlers.ts', `import './routes.ts';`],
  ['stripe-behind-its-gateway', 'local/suite/src/stripe.ts', `import 'stripe';`],
  ['stripe-behind-its-gateway', 'payments/src/charge.ts', `import type Stripe from 'stripe';`],
  ['bull-behind-its-timers', 'expiration/src/jobs.ts', `import 'bull';`],
  ['bull-behind-its-timers', 'expiration/src/redis.ts', `import 'ioredis';`],
  ['nats-streaming-behind-the-bus', 'common/src/bus/memory.ts', `import 'node-nats-streaming';`],
  ['sharp-behind-its-renderer', 'events/src/commands.ts', `import 'sharp';`],
];

/** What the planted files import; harmless in itself. */
const props = {
  'local/sandbox/src/main.ts': `import './sandbox.ts';`,
  'common/src/hen.ts': `import './egg.ts';`,
  'tickets/src/domain/money.ts': `export const money = 1;`,
  'tickets/src/commands.ts': `export type Commands = 1;`,
  'auth/src/routes.ts': `export const routes = 1;`,
  'expiration/src/routes.ts': `export const routes = 1;`,
};

describe('a planted violation', () => {
  const caught = new Map<string, Set<string>>();

  beforeAll(async () => {
    const planted = Object.fromEntries(guilty.map(([, file, source]) => [file, source]));
    await using tree = await plant({ ...innocent, ...props, ...planted });
    for (const { from, rule } of await violations(tree.folder))
      caught.set(from, (caught.get(from) ?? new Set()).add(rule.name));
  });

  test.each(guilty)('of %s in %s turns that rule red, and no other', (rule, file) => {
    expect([...(caught.get(file) ?? [])]).toEqual([rule]);
  });

  test('is there for every rule', () => {
    expect(new Set(guilty.map(([rule]) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)));
  });

  test('casts no suspicion on files that keep the rules', () => {
    const known = new Set(guilty.map(([, file]) => file));
    expect([...caught].filter(([file]) => !known.has(file))).toEqual([]);
  });
});

test('the suite itself keeps its boundaries', async () => {
  const broken = await violations(root);
  expect(broken.map(({ from, rule }) => `${rule.name}: ${from}`)).toEqual([]);
});
