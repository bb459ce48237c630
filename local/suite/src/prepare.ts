import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ConfigError, type Environment } from '@ticketing/common/config';
import { namesDatabase } from '@ticketing/common/mongo';
import { terminalReport } from '@ticketing/engines/report';
import { resolveEngine } from '@ticketing/engines/resolve';
import { startMongod, startNats, startRedis, type RunningEngine } from '@ticketing/engines/run';
import { newKeys } from '@ticketing/operations/keys';
import { announce, homeOf, portOf, type Running, withdraw } from '@ticketing/operations/running';
import { readSecrets, writeSecrets } from '@ticketing/operations/secrets';
import { startSandbox } from '@ticketing/sandbox/sandbox';

type Say = (line: string) => void;

/** What is under the services on this machine. */
export interface Ground {
  port: number;
  origin: string;
  /** The settings that services read, as this machine has them; what the caller's environment sets comes first. */
  env: Record<string, string>;
  running: Omit<Running, 'pid' | 'shape'>;
  /** To be called when the suite answers, so that other commands find it. */
  announce(shape: Running['shape']): Promise<void>;
  close(): Promise<void>;
}

/** Finds or starts the engines, makes this machine's secrets once, and the stand-in for Stripe when there is no key. */
export async function prepare(
  env: Environment,
  { broker, say }: { broker: boolean; say: Say },
): Promise<Ground> {
  const port = portOf(env);
  await assertFree(port);
  const home = homeOf(port);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    await withdraw(port);
    for (const end of closers.reverse()) await end();
  };
  const engine = async (
    name: 'mongod' | 'nats-streaming-server' | 'redis',
    start: (options: { dataDir: string }) => Promise<RunningEngine>,
  ): Promise<string> => {
    const found = await resolveEngine(name, { env, report });
    if (found.kind === 'url') return found.url;
    const started = await start({ dataDir: join(home, name) });
    closers.push(() => started.stop());
    return started.url;
  };
  const report = terminalReport();
  try {
    say('Engines:');
    const mongoUrl = await engine('mongod', startMongod);
    const natsUrl = broker ? await engine('nats-streaming-server', startNats) : undefined;
    const redisUrl = broker ? await engine('redis', startRedis) : undefined;
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
            webhook: { url: `${origin}/api/payments/webhook`, secret: STRIPE_WEBHOOK_SECRET },
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
    return {
      port,
      origin,
      env: {
        LOG_LEVEL: 'warn',
        DRAIN_SECONDS: '0',
        PUBLIC_ORIGIN: `${origin},http://127.0.0.1:${port}`,
        ...keys,
        ...(sandbox && { STRIPE_URL: sandbox.url, STRIPE_KEY, STRIPE_WEBHOOK_SECRET }),
        ...given(env),
        MONGO_URL: mongoUrl,
        ...(natsUrl !== undefined && { NATS_URL: natsUrl }),
        ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
        PORT: String(port),
      },
      running,
      announce: (shape) => announce(port, { ...running, shape, pid: process.pid }),
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
    ...(kept['TOKEN_PRIVATE_KEYS'] === undefined && newKeys()),
    ...(kept['JWT_KEY'] !== undefined && { JWT_KEY_BEFORE: new Date().toISOString() }),
    ...kept,
  };
  await writeSecrets(home, secrets);
  return secrets;
}

const assertFree = (port: number) =>
  new Promise<void>((resolve, fail) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      fail(
        error.code === 'EADDRINUSE'
          ? new ConfigError(
              `PORT ${port} is taken by another program; choose another, e.g. PORT=${port + 1} npm start`,
            )
          : error,
      );
    });
    probe.listen(port, () => {
      probe.close(() => {
        resolve();
      });
    });
  });
