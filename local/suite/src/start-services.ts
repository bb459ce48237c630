import { join } from 'node:path';
import { z } from 'zod';
import { type Environment, integer, parseConfig } from '@ticketing/common/config';
import { buildClient, startClient } from './client.ts';
import { cacheFolder } from '@ticketing/engines/cache';
import { freePort } from '@ticketing/engines/place';
import { openOrigin } from './front.ts';
import { prepare } from './prepare.ts';
import { homeOf } from '@ticketing/operations/running';
import type { Started } from './start.ts';
import { type Supervised, supervise, untilReady } from './supervise.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Which path is whose; `expiration` speaks no HTTP but its health. */
const PATHS: Record<string, string | undefined> = {
  auth: '/api/users',
  tickets: '/api/tickets',
  orders: '/api/orders',
  payments: '/api/payments',
  expiration: undefined,
};

/** Else the heap of a busy process grows to twice what the suite promises before V8 collects (docs/performance.md). */
const HEAP = ['--max-semi-space-size=8', '--max-old-space-size=512'];

/** Where Node keeps compiled code: a third less to do at each start after the first. */
const COMPILED = join(cacheFolder(process.env), '..', 'compiled');

/** How many processes of each service share its work. */
const Scale = z.object({ REPLICAS: integer(1, 8).default(1) });

/** One process or more per service on NATS Streaming and Redis, behind one origin: what `npm run start:services` runs. */
export async function startServices(
  env: Environment,
  say: (line: string) => void,
): Promise<Started & { services: readonly Supervised[] }> {
  const { REPLICAS } = parseConfig(Scale, env);
  const ground = await prepare(env, { broker: true, say });
  // What signs is with `auth` alone: no other process can make a token.
  const { TOKEN_PRIVATE_KEYS, REFRESH_KEYS, ...shared } = ground.env;
  const services: Supervised[] = [];
  const processes: { name: string; service: string; port: number }[] = [];
  const closers: (() => void)[] = [];
  const close = async () => {
    for (const end of closers) end();
    await Promise.all(services.map((service) => service.stop()));
    await ground.close();
  };
  try {
    for (const service of Object.keys(PATHS)) {
      for (let replica = 1; replica <= REPLICAS; replica++) {
        const name = replica === 1 ? service : `${service}-${replica}`;
        const port = await freePort();
        processes.push({ name, service, port });
        services.push(
          supervise({
            name,
            // The name is for who reads a list of processes.
            args: ['--conditions=source', ...HEAP, join(ROOT, service, 'src/main.ts'), name],
            env: {
              NODE_COMPILE_CACHE: COMPILED,
              ...(service === 'auth' ? ground.env : shared),
              TRUST_PROXY_HOPS: '1',
              PORT: String(port),
            },
            pidFile: join(homeOf(ground.port), `${name}.pid`),
            say,
          }),
        );
      }
    }
    await buildClient(say);
    const urlsOf = (wanted: string) =>
      processes.filter(({ service }) => service === wanted).map(({ port }) => `http://127.0.0.1:${port}`);
    const of = (service: string) => urlsOf(service)[0] ?? '';
    const client = await startClient({
      services: { auth: of('auth'), tickets: of('tickets'), orders: of('orders'), payments: of('payments') },
      origin: ground.origin,
      pidFile: join(homeOf(ground.port), 'client.pid'),
      env,
      keys: ground.env,
      say,
    });
    services.push(client);
    const targets = Object.entries(PATHS).flatMap(([name, path]) =>
      path === undefined ? [] : [[path, urlsOf(name)] as const],
    );
    const { sandboxUrl } = ground.running;
    const origin = await openOrigin(ground.port, targets, { clientUrl: client.url, sandboxUrl });
    closers.push(origin.close);
    for (const { name, port } of processes) {
      await untilReady(name, port);
      say(`  ✓ ${name.padEnd(21)} process ${services.find((one) => one.name === name)?.pid}, port ${port}`);
    }
    await ground.announce('services');
    return {
      origin: ground.origin,
      services,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
