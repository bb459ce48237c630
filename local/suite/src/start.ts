import { join } from 'node:path';
import type { Environment } from '@ticketing/common/config';
import { host } from '@ticketing/common/host';
import { embedded } from '@ticketing/common/platform';
import { buildClient, startClient } from './client.ts';
import { frontService } from './front.ts';
import { prepare } from './prepare.ts';
import { homeOf } from '@ticketing/operations/running';
import { suite } from './suite.ts';

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
    const here = `http://127.0.0.1:${ground.port}`;
    const client = await startClient({
      services: { auth: here, tickets: here, orders: here, payments: here },
      origin: ground.origin,
      pidFile: join(homeOf(ground.port), 'client.pid'),
      env,
      keys: ground.env,
      say,
    });
    closers.push(client.stop);
    const front = frontService({ clientUrl: client.url, sandboxUrl: ground.running.sandboxUrl });
    const running = await host([...suite, front], embedded, ground.env);
    closers.push(running.close);
    await running.ready;
    say(`  ✓ services              ${suite.map(({ name }) => name).join(', ')}, in this process`);
    await ground.announce('monolith');
    return { origin: ground.origin, close };
  } catch (error) {
    await close();
    throw error;
  }
}
