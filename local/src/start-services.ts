import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import express from 'express';
import { createProxyServer } from 'httpxy';
import type { Environment } from '@ticketing/common/config';
import { notFound } from '@ticketing/common/http/problem';
import { freePort } from './engines/place.ts';
import { localRoutes } from './page-service.ts';
import { prepare } from './prepare.ts';
import { homeOf } from './running.ts';
import type { Started } from './start.ts';
import { type Supervised, supervise, untilReady } from './supervise.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Which path is whose; `expiration` speaks no HTTP but its health. */
const PATHS: Record<string, string | undefined> = {
  auth: '/api/users',
  tickets: '/api/tickets',
  orders: '/api/orders',
  payments: '/api/payments',
  expiration: undefined,
};

/** Else the heap of a busy process grows to twice what the suite promises before V8 collects (docs/performance.md). */
const HEAP = ['--max-semi-space-size=16', '--max-old-space-size=512'];

/** One process per service on NATS Streaming and Redis, behind one origin: what `npm run start:services` runs. */
export async function startServices(
  env: Environment,
  say: (line: string) => void,
): Promise<Started & { services: readonly Supervised[] }> {
  const ground = await prepare(env, { broker: true, say });
  const services: Supervised[] = [];
  const ports = new Map<string, number>();
  const close = async () => {
    await Promise.all(services.map((service) => service.stop()));
    await ground.close();
  };
  try {
    for (const name of Object.keys(PATHS)) {
      const port = await freePort();
      ports.set(name, port);
      services.push(
        supervise({
          name,
          args: ['--conditions=source', ...HEAP, join(ROOT, name, 'src/main.ts')],
          env: { ...ground.env, TRUST_PROXY_HOPS: '1', PORT: String(port) },
          pidFile: join(homeOf(ground.port), `${name}.pid`),
          say,
        }),
      );
    }
    const server = createServer(origin(ports, ground.running.sandboxUrl));
    server.keepAliveTimeout = 65_000;
    await new Promise<void>((resolve) => server.listen(ground.port, resolve));
    for (const [name, port] of ports) {
      await untilReady(name, port);
      say(`  ✓ ${name.padEnd(21)} process ${services.find((one) => one.name === name)?.pid}, port ${port}`);
    }
    await ground.announce('services');
    return {
      origin: ground.origin,
      services,
      async close() {
        server.close();
        server.closeAllConnections();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One origin in front of all: each path to its service; 503 as a problem document while a service is away. */
function origin(ports: ReadonlyMap<string, number>, sandboxUrl: string | undefined) {
  const proxy = createProxyServer({ xfwd: true });
  proxy.on('error', (_error, _req, res) => {
    const answer = res as ServerResponse;
    if (!('writeHead' in answer) || answer.headersSent) {
      answer.destroy();
      return;
    }
    answer.writeHead(503, { 'Content-Type': 'application/problem+json', 'Retry-After': '1' });
    answer.end(UNAVAILABLE);
  });
  const targets = [...ports].flatMap(([name, port]) => {
    const path = PATHS[name];
    return path === undefined ? [] : [[path, `http://127.0.0.1:${port}`] as const];
  });
  const local = express().disable('x-powered-by').use(localRoutes(sandboxUrl), notFound);
  return (req: IncomingMessage, res: ServerResponse) => {
    const url = req.url ?? '/';
    const target = targets.find(
      ([path]) => url === path || (/^[/?]/.test(url.slice(path.length)) && url.startsWith(path)),
    );
    if (target) proxy.web(req, res, { target: target[1] }).catch(() => undefined);
    else local(req, res);
  };
}

const UNAVAILABLE = JSON.stringify({
  type: 'about:blank',
  title: 'Service Unavailable',
  status: 503,
  detail: 'The service is starting again; try in a moment',
  errors: [{ message: 'The service is starting again; try in a moment' }],
});
