import type { z } from 'zod';
import { ConfigError, type Environment } from './config.ts';
import { host } from './host.ts';
import type { PlatformType } from './platform.ts';
import type { Service } from './service.ts';

/**
 * The whole of a `main.ts`: hosts the services in this process until SIGTERM or SIGINT. A configuration that cannot
 * work ends the process with status 1 and a sentence for each variable.
 */
export async function run<S extends z.ZodObject>(
  services: readonly Service[],
  platform: PlatformType<S>,
  env: Environment,
): Promise<void> {
  const started = await host(services, platform, env).catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`Cannot start ${services.map(({ name }) => name).join(', ')}:\n${error.message}\n`);
    process.exit(1);
  });
  const { log, close } = started;
  const stop = (signal: string) => {
    log.info({ signal }, 'stopping');
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop gently');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a bug: ending this process');
    process.exit(1);
  });
  log.info({ url: started.url }, 'listening');
}
