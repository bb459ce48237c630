import { join } from 'node:path';
import { type Environment, integer, parseConfig } from '@ticketing/common/config';
import { ServerConfig } from '@ticketing/common/http/server';
import { buildClient, startClient } from './client.ts';
import { openOrigin } from './front.ts';
import { type Here, prepare } from './prepare.ts';
import { homeOf } from '@ticketing/operations/running';
import type { Started } from './start.ts';
import { HEAP, type Supervised, supervise, untilReady } from './supervise.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Which path is whose; `expiration` speaks no HTTP but its health. */
const PATHS = {
  auth: '/api/users',
  events: '/api/events',
  tickets: '/api/tickets',
  orders: '/api/orders',
  payments: '/api/payments',
  expiration: undefined,
  admissions: '/api/admissions',
} as const;
type ServiceName = keyof typeof PATHS;
const SERVICES = Object.keys(PATHS) as ServiceName[];

/** How many processes of each service share its work. */
const Scale = ServerConfig.extend({ REPLICAS: integer(1, 8).default(1) });

/** One process or more per service on NATS Streaming and Redis, behind one origin: what `npm run start:services` runs. */
export async function startServices(
  env: Environment,
  say: (line: string) => void,
): Promise<Started & { services: readonly Supervised[] }> {
  const { REPLICAS, ...limits } = parseConfig(Scale, env);
  const ground = await prepare(env, { broker: true, say });
  const services: Supervised[] = [];
  const processes: { process: Supervised; service: ServiceName; here: Here }[] = [];
  const closers: (() => void)[] = [];
  const close = async () => {
    for (const end of closers) end();
    await Promise.all(services.map((service) => service.stop()));
    await ground.close();
  };
  try {
    for (const service of SERVICES) {
      for (let replica = 1; replica <= REPLICAS; replica++) {
        const name = replica === 1 ? service : `${service}-${replica}`;
        const here = await ground.somewhere();
        const process = supervise({
          name,
          // The name is for who reads a list of processes.
          args: [...HEAP, join(ROOT, service, 'src/main.ts'), name],
          env: { ...ground.settings(service), ...here.env },
          pidFile: join(homeOf(ground.port), `${name}.pid`),
          say,
        });
        processes.push({ process, service, here });
        services.push(process);
      }
    }
    await buildClient(say);
    const placesOf = (wanted: ServiceName) =>
      processes.filter(({ service }) => service === wanted).map(({ here }) => here);
    const of = (service: ServiceName) => placesOf(service)[0]?.url ?? '';
    const client = await startClient({
      services: {
        auth: of('auth'),
        tickets: of('tickets'),
        orders: of('orders'),
        payments: of('payments'),
        events: of('events'),
        admissions: of('admissions'),
      },
      origin: ground.origin,
      pidFile: join(homeOf(ground.port), 'client.pid'),
      env,
      keys: ground.settings('client'),
      say,
    });
    services.push(client);
    const targets = SERVICES.flatMap((name) => {
      const path = PATHS[name];
      return path === undefined ? [] : [[path, placesOf(name)] as const];
    });
    const { sandboxUrl } = ground.running;
    const origin = await openOrigin(ground, targets, { clientUrl: client.url, sandboxUrl }, limits);
    closers.push(origin.close);
    const operationalUrls: Record<string, string> = {};
    for (const { process, here } of processes) {
      await untilReady(process, here.operationalUrl);
      operationalUrls[process.name] = here.operationalUrl;
      say(`  ✓ ${process.name.padEnd(21)} process ${process.pid}, metrics at ${here.operationalUrl}/metrics`);
    }
    await ground.announce('services', operationalUrls);
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
