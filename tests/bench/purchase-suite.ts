import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { freePort } from '@ticketing/engines/place';
import { WEBHOOK_TYPES } from '@ticketing/suite/settings';
import { HEAP } from '@ticketing/suite/supervise';
import { type Shape, type StartedSuite, startSuite } from '../suite.ts';
import { engineCounts, stillness } from './engine.ts';
import { cpu, rss, start } from './processes.ts';

const HERE = join(import.meta.dirname, '../..');
/** Who stands in for Stripe: a program of the bench that keeps all in memory, or the local sandbox. */
export const PROVIDERS = ['memory', 'sandbox'] as const;
export type ProviderKind = (typeof PROVIDERS)[number];

/** What can be measured: processes and engines, and a door. */
export interface Side {
  name: string;
  port: number;
  /** The header of somebody who is signed in, each time somebody else. */
  somebody(): Record<string, string>;
  count(): Promise<Counts>;
  /** Until nothing is written any more. */
  settled(): Promise<void>;
  /** Resident MB by the name of a process. */
  weigh(): Promise<Record<string, number>>;
  pay(provider: ProviderKind): Promise<void>;
  stop(): Promise<void>;
}

/** A suite, on whose engines the floor can be measured. */
export interface SuiteSide extends Side {
  suite: StartedSuite;
  providerPort: number;
}

/** All that only grows, by group and name. */
export type Counts = Record<'cpu' | 'commands' | 'database' | 'messages', Record<string, number>>;

/** The suite of a checkout, as its own `npm` scripts start it, with all of its engines, and its payments on a port of ours. */
export async function openSide(
  name: string,
  shape: Shape,
  root = HERE,
  more: Record<string, string> = {},
): Promise<SuiteSide> {
  const port = await freePort();
  const { somebody } = (await import(join(root, 'tests/bench/data.ts'))) as Pick<Side, 'somebody'>;
  const { TEST_KEYS, TEST_JWT_KEY } = (await import(join(root, 'common/src/testing.ts'))) as {
    TEST_KEYS?: Record<string, string>;
    TEST_JWT_KEY?: string;
  };
  const secrets = { STRIPE_KEY: 'sk_test_bench', STRIPE_WEBHOOK_SECRET: 'whsec_bench' };
  const settings = {
    ...(TEST_JWT_KEY !== undefined && { JWT_KEY: TEST_JWT_KEY }),
    ...TEST_KEYS,
    ...secrets,
    STRIPE_URL: `http://127.0.0.1:${port}`,
    MAX_REQUESTS: '10000',
    ...more,
  };
  const suite = await startSuite(shape, settings, { code: root });
  const { mongoUrl, origin } = suite.running;
  const client = await MongoClient.connect(mongoUrl, { appName: 'bench', maxPoolSize: 1 });
  const provider = providerOn(port, root, {
    ...secrets,
    MONGO_URL: mongoUrl,
    WEBHOOK_URL: `${origin}/api/payments/webhook`,
    WEBHOOK_TYPES: WEBHOOK_TYPES.join(','),
  });
  const count = async (): Promise<Counts> => {
    const processes = [...(await descendants(suite.pid)), ...provider.process()];
    return {
      cpu: await byName(processes, cpu),
      ...(await engineCounts(client)),
      messages: await messagesOf(suite),
    };
  };
  return {
    name,
    suite,
    providerPort: port,
    port: Number(new URL(origin).port),
    somebody,
    count,
    settled: () => stillness(client),
    weigh: async () => byName(await descendants(suite.pid), rss),
    pay: (kind) => provider.use(kind),
    async stop() {
      await client.close();
      await suite.destroy();
      await provider.stop();
    },
  };
}

/** The floor of a purchase on another's engines; its processor is its own and the mongod's and broker's, which it shares. */
export async function openFloor(beside: SuiteSide): Promise<Side> {
  const { mongoUrl, natsUrl } = beside.suite.running;
  const floor = await start('purchase-floor.ts', [], {
    MONGO_URL: mongoUrl,
    PROVIDER_URL: `http://127.0.0.1:${beside.providerPort}`,
    ...(natsUrl !== undefined && { NATS_URL: natsUrl }),
  });
  return {
    ...beside,
    name: 'floor',
    port: floor.port,
    somebody: () => ({}),
    count: async () => {
      const counts = await beside.count();
      return { ...counts, cpu: { ...counts.cpu, floor: await cpu(floor.pid) } };
    },
    stop: () => floor.stop(),
  };
}

/** One after the other on the same port, as the suite under measurement goes on asking there. */
function providerOn(port: number, root: string, env: Record<string, string>) {
  let running: { kind: ProviderKind; pid: number; stop(): Promise<unknown> } | undefined;
  const [sandbox] = ['local/sandbox/src/main.ts', 'local/src/sandbox/main.ts']
    .map((path) => join(root, path))
    .filter((path) => existsSync(path));
  const begin = {
    memory: () => start('provider.ts', [], { PORT: String(port) }),
    sandbox: async () => {
      const child = spawn(process.execPath, [...HEAP, sandbox ?? ''], {
        env: { PATH: process.env['PATH'], ...env, PORT: String(port) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      return {
        pid: child.pid ?? 0,
        stop: async () => {
          child.kill();
          await once(child, 'exit');
        },
      };
    },
  };
  const stop = async () => {
    await running?.stop();
  };
  return {
    process: () => (running ? [{ name: 'provider', pid: running.pid }] : []),
    stop,
    async use(kind: ProviderKind) {
      if (running?.kind === kind) return;
      await stop();
      running = { kind, ...(await begin[kind]()) };
    },
  };
}

const NAMES: readonly [RegExp, string][] = [
  [/\/mongod /, 'mongod'],
  [/nats-streaming-server/, 'broker'],
  [/(redis|valkey)/, 'redis'],
  [/\/(auth|events|tickets|orders|payments|expiration)\/src\/main\.ts/, '$1'],
  [/\/src\/monolith\.ts/, 'monolith'],
  [/\/src\/main\.ts start:services/, 'origin'],
  // Before it was looked after by a process of its own, the monolith itself.
  [/\/src\/main\.ts start/, 'supervisor'],
];

/** All that descend from a process, by name; what has none is left out. */
async function descendants(root: number): Promise<{ name: string; pid: number }[]> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  for (const pid of all) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const descends = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === root || descends(parents.get(pid)));
  const named = all.filter(descends).map(async (pid) => {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    const [pattern, name = ''] = NAMES.find(([one]) => one.test(words)) ?? [];
    if (pattern === undefined || /^(npm|sh) /.test(words)) return [];
    return [{ pid, name: name.replace('$1', pattern.exec(words)?.[1] ?? '') }];
  });
  const found = (await Promise.all(named)).flat();
  const isAlone = found.every(({ name }) => name !== 'monolith');
  return found.map(({ name, pid }) => ({ name: isAlone && name === 'supervisor' ? 'monolith' : name, pid }));
}

const byName = async (
  processes: readonly { name: string; pid: number }[],
  measure: (pid: number) => Promise<number>,
): Promise<Record<string, number>> => {
  const all: Record<string, number> = {};
  for (const { name, pid } of processes) all[name] = (all[name] ?? 0) + (await measure(pid));
  return all;
};

/** Events that were handled, as each service counts them: `delivered`, and once for each of them: `told`. */
async function messagesOf({ running, output, origin }: StartedSuite): Promise<Record<string, number>> {
  // What a checkout from before `operationalUrls` says when it starts, and where its monolith has them.
  const said = [...output().matchAll(/process \d+, port (\d+)/g)].map(
    ([, port]) => `http://127.0.0.1:${port}`,
  );
  const urls = Object.values(running.operationalUrls ?? (said.length > 0 ? said : [origin]));
  const handled = new Map<string, number[]>();
  for (const url of urls) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const groups = new Map<string, number>();
    for (const [, labels = '', value] of text.matchAll(/^ticketing_events_handled_total\{(.*)\} (\S+)$/gm)) {
      const of = (label: string) => new RegExp(`${label}="([^"]*)"`).exec(labels)?.[1];
      const group = `${of('service')} ${of('subject')}`;
      groups.set(group, (groups.get(group) ?? 0) + Number(value));
    }
    for (const [group, times] of groups) {
      const subject = group.split(' ')[1] ?? '';
      handled.set(subject, [...(handled.get(subject) ?? []), times]);
    }
  }
  const each = [...handled.values()];
  return {
    told: each.reduce((sum, times) => sum + Math.max(...times), 0),
    delivered: each.flat().reduce((sum, times) => sum + times, 0),
  };
}
