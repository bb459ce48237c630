import { join } from 'node:path';
import type { Environment } from '@ticketing/common/config';
import { homeOf } from '@ticketing/operations/running';
import { startClient } from './client.ts';
import { openOrigin } from './front.ts';
import { prepare } from './prepare.ts';
import { type Started, superviseMonolith } from './start.ts';
import { untilReady } from './supervise.ts';

/** The monolith, restarted whenever a source file changes, and the pages with hot reload; engines and data stay. */
export async function dev(env: Environment, say: (line: string) => void): Promise<Started> {
  const ground = await prepare(env, { broker: false, say });
  const closers = [ground.close];
  const close = async () => {
    for (const end of closers.reverse()) await end();
  };
  try {
    const here = await ground.somewhere();
    const monolith = superviseMonolith(ground, ['--watch', '--watch-preserve-output'], say, here.env);
    closers.push(monolith.stop);
    const client = await startClient({
      services: {
        auth: here.url,
        tickets: here.url,
        orders: here.url,
        payments: here.url,
        events: here.url,
        admissions: here.url,
      },
      origin: ground.origin,
      pidFile: join(homeOf(ground.port), 'client.pid'),
      env,
      keys: ground.settings('client'),
      dev: true,
      say,
    });
    closers.push(client.stop);
    const { sandboxUrl } = ground.running;
    const origin = await openOrigin(ground, [['/api', [here]]], {
      clientUrl: client.url,
      sandboxUrl,
      dev: true,
    });
    closers.push(async () => origin.close());
    await untilReady(monolith, here.operationalUrl);
    say(`  ✓ services              metrics at ${here.operationalUrl}/metrics`);
    await ground.announce('monolith', { monolith: here.operationalUrl });
    return { origin: ground.origin, close };
  } catch (error) {
    await close();
    throw error;
  }
}
