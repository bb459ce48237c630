import type { Environment } from '@ticketing/common/config';
import { host } from '@ticketing/common/host';
import { embedded } from '@ticketing/common/platform';
import { pageService } from './page-service.ts';
import { prepare } from './prepare.ts';
import { suite } from './suite.ts';

export interface Started {
  origin: string;
  close(): Promise<void>;
}

/** The modular monolith on this machine, with its page: what `npm start` runs. */
export async function start(env: Environment, say: (line: string) => void): Promise<Started> {
  const ground = await prepare(env, { broker: false, say });
  try {
    const services = [...suite, pageService(ground.running.sandboxUrl)];
    const running = await host(services, embedded, ground.env);
    await running.ready;
    say(`  ✓ services              ${suite.map(({ name }) => name).join(', ')}, in this process`);
    await ground.announce('monolith');
    return {
      origin: ground.origin,
      async close() {
        await running.close();
        await ground.close();
      },
    };
  } catch (error) {
    await ground.close();
    throw error;
  }
}
