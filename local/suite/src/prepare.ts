import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ConfigError, type Environment } from '@ticketing/common/config';
import { CATALOGUE } from '@ticketing/common/contracts/catalogue';
import { namesDatabase } from '@ticketing/common/mongo';
import { freePort } from '@ticketing/engines/place';
import { terminalReport } from '@ticketing/engines/report';
import { resolveEngine } from '@ticketing/engines/resolve';
import { startMongod, startNats, startRedis, type RunningEngine } from '@ticketing/engines/run';
import { newAdmissionKeys, newKeys } from '@ticketing/operations/keys';
import { announce, homeOf, portOf, type Running, withdraw } from '@ticketing/operations/running';
import { readSecrets, writeSecrets } from '@ticketing/operations/secrets';
import { settingsOf, type SETTINGS, WEBHOOK_TYPES } from './settings.ts';
import { startSandbox } from '@ticketing/sandbox/sandbox';

type Say = (line: string) => void;

/** What is under the services on this machine. */
export interface Ground {
  host: string;
  port: number;
  origin: string;
  /** What a process reads, as this machine has it; what the caller's environment sets comes first. */
  settings(process: keyof typeof SETTINGS): Record<string, string>;
  /** Two ports of this machine alone for a process behind the origin. */
  somewhere(): Promise<Here>;
  running: Omit<Running, 'pid' | 'shape' | 'operationalUrls'>;
  /** To be called when the suite answers, so that other commands find it. */
  announce(shape: Running['shape'], operationalUrls: Running['operationalUrls']): Promise<void>;
  close(): Promise<void>;
}

/** What each service may publish on the broker; `auth` tells nothing yet. */
const publishers = {
  auth: [],
  ...Object.fromEntries(
    Object.entries(CATALOGUE).map(([service, events]) => [service, events.map(({ subject }) => subject)]),
  ),
};

/** Where a process behind the origin is asked, and what tells it so. */
export interface Here {
  url: string;
  operationalUrl: string;
  env: { HOST: string; PORT: string; OPERATIONAL_PORT: string; TRUST_PROXY_HOPS: string };
}

/** Finds or starts the engines, makes this machine's secrets once, and the stand-in for Stripe when there is no key. */
export async function prepare(
  env: Environment,
  { broker, say }: { broker: boolean; say: Say },
): Promise<Ground> {
  const port = portOf(env);
  const host = env['HOST'] || '127.0.0.1';
  await assertFree(host, port);
  const home = homeOf(port);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    await withdraw(port);
    for (const end of closers.reverse()) await end();
  };
  const engine = async (
    name: 'mongod' | 'nats-streaming-server' | 'redis',
    start: (options: { dataDir: string }) => Promise<RunningEngine & { urls?: Record<string, string> }>,
  ): Promise<{ url: string; urls?: Record<string, string> }> => {
    const found = await resolveEngine(name, { env, report });
    if (found.kind === 'url') return found;
    const started = await start({ dataDir: join(home, name) });
    closers.push(() => started.stop());
    return started;
  };
  const report = terminalReport();
  try {
    say('Engines:');
    const { url: mongoUrl } = await engine('mongod', startMongod);
    const nats = broker
      ? await engine('nats-streaming-server', (options) => startNats({ ...options, publishers }))
      : undefined;
    const natsUrl = nats?.url;
    const redisUrl = broker ? (await engine('redis', startRedis)).url : undefined;
    if (namesDatabase(mongoUrl)) {
      throw new ConfigError('MONGO_URL must not name a database, as each service has its own.');
    }
    const { STRIPE_KEY, STRIPE_WEBHOOK_SECRET: kept, ...keys } = await secretsOf(home);
    const STRIPE_WEBHOOK_SECRET = env['STRIPE_WEBHOOK_SECRET'] || kept;
    const origin = `http://localhost:${port}`;
    const sandbox =
      env['STRIPE_KEY'] || env['STRIPE_URL']
        ? undefined
        : await startSandbox({
            mongoUrl,
            key: STRIPE_KEY,
            webhook: {
              url: `${origin}/api/payments/webhook`,
              secret: STRIPE_WEBHOOK_SECRET,
              types: WEBHOOK_TYPES,
            },
          });
    if (sandbox) {
      closers.push(sandbox.close);
      say(`  ✓ payments              the local sandbox, as STRIPE_KEY is not set`);
    }
    const running = {
      origin,
      mongoUrl,
      ...(natsUrl !== undefined && { natsUrl }),
      ...(redisUrl !== undefined && { redisUrl }),
      ...(sandbox && { sandboxUrl: sandbox.url, sandboxKey: STRIPE_KEY }),
    };
    const everything = {
      LOG_LEVEL: 'warn',
      DRAIN_SECONDS: '0',
      PUBLIC_ORIGIN: `${origin},http://127.0.0.1:${port}`,
      ...keys,
      ...(sandbox && { STRIPE_URL: sandbox.url, STRIPE_KEY, STRIPE_WEBHOOK_SECRET }),
      ...given(env),
      MONGO_URL: mongoUrl,
      ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    };
    return {
      host,
      port,
      origin,
      settings: (process) =>
        settingsOf(process, { ...everything, NATS_URL: nats?.urls?.[process] ?? natsUrl }),
      somewhere,
      running,
      announce: (shape, operationalUrls) =>
        announce(port, { ...running, shape, operationalUrls, pid: process.pid }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const given = (env: Environment) =>
  Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => Boolean(pair[1])));

/** Made at the first start. What an earlier release kept is taken over: `JWT_KEY` signs nothing from then on. */
async function secretsOf(home: string) {
  const random = () => randomBytes(32).toString('hex');
  const kept = await readSecrets(home);
  const secrets = {
    STRIPE_WEBHOOK_SECRET: `whsec_${random()}`,
    STRIPE_KEY: `sk_test_${random()}`,
    CODE_KEY: random(),
    ADMISSION_KEYS: newAdmissionKeys(),
    ...(kept['TOKEN_PRIVATE_KEYS'] === undefined && newKeys()),
    ...(kept['JWT_KEY'] !== undefined && { JWT_KEY_BEFORE: new Date().toISOString() }),
    ...kept,
  };
  await writeSecrets(home, secrets);
  return secrets;
}

async function somewhere(): Promise<Here> {
  const [port, operationalPort] = [await freePort(), await freePort()];
  return {
    url: `http://127.0.0.1:${port}`,
    operationalUrl: `http://127.0.0.1:${operationalPort}`,
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      OPERATIONAL_PORT: String(operationalPort),
      TRUST_PROXY_HOPS: '1',
    },
  };
}

/** Also where a browser looks for `localhost` first, at IPv6: it would find the other program there. */
async function assertFree(host: string, port: number) {
  for (const address of new Set([host, '::1'])) {
    const probe = createServer().listen(port, address);
    const error = await once(probe, 'listening').then(
      () => undefined,
      (reason: unknown) => reason as NodeJS.ErrnoException,
    );
    probe.close();
    if (error?.code === 'EADDRINUSE')
      throw new ConfigError(
        `PORT ${port} is taken by another program; choose another, e.g. PORT=${port + 1} npm start`,
      );
    if (error && address === host)
      throw new ConfigError(`HOST ${host} cannot be listened on (${error.code})`);
  }
}
