import { join } from 'node:path';
import type { Environment } from '@ticketing/common/config';
import { homeOf } from '@ticketing/operations/running';
import { buildClient, startClient } from './client.ts';
import { type Ground, prepare } from './prepare.ts';
import { HEAP, supervise, untilReady } from './supervise.ts';

export interface Started {
  origin: string;
  close(): Promise<void>;
}

/** The modular monolith on this machine, with its page: what `npm start` runs. */
export async function start(env: Environment, say: (line: string) => void): Promise<Started> {
  const ground = await prepare(env, { broker: false, say });
  const closers = [ground.close];
  const close = async () => {
    for (const end of closers.reverse()) await end();
  };
  try {
    await buildClient(say);
    const here = `http://${reachable(ground.host)}:${ground.port}`;
    const client = await startClient({
      services: { auth: here, tickets: here, orders: here, payments: here, events: here, admissions: here },
      origin: ground.origin,
      pidFile: join(homeOf(ground.port), 'client.pid'),
      env,
      keys: ground.settings('client'),
      say,
    });
    closers.push(client.stop);
    const { sandboxUrl } = ground.running;
    const {
      operationalUrl,
      env: { OPERATIONAL_PORT },
    } = await ground.somewhere();
    const monolith = superviseMonolith(ground, [], say, {
      // It is the origin itself: a caller's word on how it came is nobody's, unless the environment says otherwise.
      HOST: ground.host,
      PORT: String(ground.port),
      OPERATIONAL_HOST: '127.0.0.1',
      OPERATIONAL_PORT,
      CLIENT_URL: client.url,
      ...(sandboxUrl !== undefined && { SANDBOX_URL: sandboxUrl }),
    });
    closers.push(monolith.stop);
    await untilReady(monolith, operationalUrl);
    say(`  ✓ services              one process, ${monolith.pid}, metrics at ${operationalUrl}/metrics`);
    await ground.announce('monolith', { monolith: operationalUrl });
    return { origin: ground.origin, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where this machine itself finds who listens on an address. */
const reachable = (host: string) =>
  ({ '0.0.0.0': '127.0.0.1', '::': '[::1]' })[host] ?? (host.includes(':') ? `[${host}]` : host);

/** The services in one process, which is started again when it ends. */
export const superviseMonolith = (
  ground: Ground,
  flags: readonly string[],
  say: (line: string) => void,
  env: Record<string, string>,
) =>
  supervise({
    name: 'the suite',
    args: [...flags, ...HEAP, join(import.meta.dirname, 'monolith.ts')],
    env: { ...ground.settings('monolith'), ...env },
    pidFile: join(homeOf(ground.port), 'monolith.pid'),
    say,
  });
