import { join } from 'node:path';
import type { Environment } from '@ticketing/common/config';
import { prepare } from './prepare.ts';
import { homeOf } from './running.ts';
import type { Started } from './start.ts';
import { supervise, untilReady } from './supervise.ts';

/** The monolith, restarted whenever a source file changes; the engines and their data stay. */
export async function dev(env: Environment, say: (line: string) => void): Promise<Started> {
  const ground = await prepare(env, { broker: false, say });
  const monolith = supervise({
    name: 'the suite',
    args: [
      '--watch',
      '--watch-preserve-output',
      '--conditions=source',
      join(import.meta.dirname, 'monolith.ts'),
    ],
    env: ground.env,
    pidFile: join(homeOf(ground.port), 'monolith.pid'),
    say,
  });
  await untilReady('the suite', ground.port);
  await ground.announce('monolith');
  return {
    origin: ground.origin,
    async close() {
      await monolith.stop();
      await ground.close();
    },
  };
}
