import { join } from 'node:path';
import type { Environment } from '@ticketing/common/config';
import { startClient } from './client.ts';
import { freePort } from '@ticketing/engines/place';
import { openOrigin } from './front.ts';
import { prepare } from './prepare.ts';
import { homeOf } from '@ticketing/operations/running';
import type { Started } from './start.ts';
import { supervise, untilReady } from './supervise.ts';

/** The monolith, restarted whenever a source file changes, and the pages with hot reload; engines and data stay. */
export async function dev(env: Environment, say: (line: string) => void): Promise<Started> {
  const ground = await prepare(env, { broker: false, say });
  const closers = [ground.close];
  const close = async () => {
    for (const end of closers.reverse()) await end();
  };
  try {
    const port = await freePort();
    const monolith = supervise({
      name: 'the suite',
      args: [
        '--watch',
        '--watch-preserve-output',
        '--conditions=source',
        join(import.meta.dirname, 'monolith.ts'),
      ],
      env: { ...ground.env, TRUST_PROXY_HOPS: '1', PORT: String(port) },
      pidFile: join(homeOf(ground.port), 'monolith.pid'),
      say,
    });
    closers.push(monolith.stop);
    const here = `http://127.0.0.1:${port}`;
    const client = await startClient({
      services: { auth: here, tickets: here, orders: here, payments: here },
      origin: ground.origin,
      pidFile: join(homeOf(ground.port), 'client.pid'),
      env,
      keys: ground.env,
      dev: true,
      say,
    });
    closers.push(client.stop);
    const origin = await openOrigin(
      ground.port,
      ['/api', '/health', '/alive', '/metrics'].map((path) => [path, [here]] as const),
      { clientUrl: client.url, sandboxUrl: ground.running.sandboxUrl, dev: true },
    );
    closers.push(async () => origin.close());
    await untilReady('the suite', port);
    await ground.announce('monolith');
    return { origin: ground.origin, close };
  } catch (error) {
    await close();
    throw error;
  }
}
