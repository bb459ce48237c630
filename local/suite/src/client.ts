import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ConfigError, type Environment } from '@ticketing/common/config';
import { locked } from '@ticketing/engines/cache';
import { freePort } from '@ticketing/engines/place';
import { FOOTER, MARKET } from './settings.ts';
import { type Supervised, supervise } from './supervise.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CLIENT = join(ROOT, 'client');
const NEXT = join(ROOT, 'node_modules/next/dist/bin/next');
const OUTPUT = join(CLIENT, '.next');
/** Holds the digest of what the build was made of. */
const STAMP = join(OUTPUT, 'built');
const SERVER = join(OUTPUT, 'standalone/client/server.js');
const GUARD = pathToFileURL(join(CLIENT, 'guard.mjs')).href;
/** Between two lines that tell of a build, in milliseconds. */
const QUIET = 10_000;

type Say = (line: string) => void;

/** Builds the pages when their sources have changed since they were built; one process at a time. */
export async function buildClient(say: Say): Promise<void> {
  const digest = await digestOf(CLIENT);
  const line = (mark: string, text: string) => say(`  ${mark} ${'client'.padEnd(21)} ${text}`);
  const isBuilt = async () => (await readFile(STAMP, 'utf8').catch(() => '')) === digest;
  if (await isBuilt()) return line('✓', 'as built before');
  let waiting = false;
  await locked(
    join(ROOT, '.local/client'),
    () => {
      if (!waiting) line('…', 'waiting for another process that builds it');
      waiting = true;
    },
    async () => {
      if (await isBuilt()) return line('✓', 'built by another process');
      const begun = Date.now();
      const seconds = () => Math.round((Date.now() - begun) / 1000);
      line('…', 'building the pages, once and after changes');
      const telling = setInterval(() => line('…', `building the pages (${seconds()} s)`), QUIET);
      await build().finally(() => clearInterval(telling));
      await writeFile(STAMP, digest);
      line('✓', `built in ${seconds()} s`);
    },
  );
}

async function build() {
  await rm(STAMP, { force: true });
  const child = spawn(process.execPath, [NEXT, 'build'], {
    cwd: CLIENT,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new ConfigError(`The client could not be built:\n${output}`);
  // What Next leaves to whoever packs the folder, as a file server may stand in front of it.
  await cp(join(OUTPUT, 'static'), join(OUTPUT, 'standalone/client/.next/static'), { recursive: true });
  await cp(join(CLIENT, 'public'), join(OUTPUT, 'standalone/client/public'), { recursive: true });
}

/** What stands beside the sources of the pages. */
const OTHER = ['.next', 'node_modules', 'test', 'next-env.d.ts'];

const filesIn = async (path: string): Promise<string[]> =>
  (await stat(path)).isFile()
    ? [path]
    : (await readdir(path, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));

/** Of what the pages are made of: their folder, and the versions of all packages. */
async function digestOf(folder: string): Promise<string> {
  // Another process may be building: what that makes comes and goes, and is not looked into.
  const parts = (await readdir(folder)).filter((name) => !OTHER.includes(name));
  const files = (await Promise.all(parts.map((name) => filesIn(join(folder, name))))).flat();
  const hash = createHash('sha256');
  for (const path of [...files.sort(), join(ROOT, 'package-lock.json')])
    hash.update(path.slice(ROOT.length)).update(await readFile(path));
  return hash.digest('hex');
}

interface Settings {
  /** Where services are asked: all at one address here, each at its own in a cluster. */
  services: Record<'auth' | 'tickets' | 'orders' | 'payments' | 'events' | 'admissions', string>;
  origin: string;
  pidFile: string;
  env: Environment;
  /** What they verify access tokens with: the settings of the services. */
  keys: Environment;
  dev?: boolean;
  say: Say;
}

/** The pages as a process of their own, built before, or with hot reload. Resolves when they answer. */
export async function startClient({
  services,
  origin,
  pidFile,
  env,
  keys: { TOKEN_PUBLIC_KEYS = '', JWT_KEY_BEFORE },
  dev = false,
  say,
}: Settings): Promise<Supervised & { url: string }> {
  const port = await freePort();
  const { NEXT_PUBLIC_STRIPE_KEY: stripe, NODE_OPTIONS: options } = env;
  const client = supervise({
    name: 'client',
    args: dev
      ? [NEXT, 'dev', '--port', String(port)]
      : ['--max-old-space-size=256', '--import', GUARD, SERVER],
    cwd: CLIENT,
    env: {
      PATH: env['PATH'] ?? '',
      HOME: env['HOME'] ?? '',
      NODE_ENV: dev ? 'development' : 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      HOSTNAME: '127.0.0.1',
      // Longer than whoever stands before it keeps an idle connection, as for the services.
      KEEP_ALIVE_TIMEOUT: '65000',
      PORT: String(port),
      PUBLIC_ORIGIN: origin,
      AUTH_URL: services.auth,
      TICKETS_URL: services.tickets,
      ORDERS_URL: services.orders,
      PAYMENTS_URL: services.payments,
      ADMISSIONS_URL: services.admissions,
      EVENTS_URL: services.events,
      TOKEN_PUBLIC_KEYS,
      ...(JWT_KEY_BEFORE && { JWT_KEY_BEFORE }),
      ...(options && { NODE_OPTIONS: options }),
      ...(stripe && { NEXT_PUBLIC_STRIPE_KEY: stripe }),
      ...Object.fromEntries([...FOOTER, ...MARKET].flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
    },
    pidFile,
    say,
    quiet: !dev,
  });
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + 60_000; ; await delay(50)) {
    const alive = await fetch(`${url}/alive`).catch(() => undefined);
    if (alive?.ok) return Object.assign(client, { url });
    if (Date.now() > deadline) {
      await client.stop();
      throw new ConfigError('The client did not answer after 60 s; what it printed says why');
    }
  }
}
