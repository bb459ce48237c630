import { runCommand, say } from '@ticketing/operations/command';
import { elsewhere } from '@ticketing/operations/elsewhere';
import { findRunning, portOf } from '@ticketing/operations/running';
import { fetchAll } from '@ticketing/engines/fetch-all';
import { demo } from './demo.ts';
import { dev } from './dev.ts';
import { seed } from './seed.ts';
import type { Started } from './start.ts';
import { startServices } from './start-services.ts';

const env = process.env;
const origin = async () => (elsewhere(env) ?? (await findRunning(portOf(env)))).origin;

/** Runs until Ctrl-C, SIGTERM, or the end of the terminal. */
const serve = async (started: Promise<Started>) => {
  const { origin, close } = await started;
  say(`\nReady: ${origin}\nCtrl-C stops it; its data stays in .local/${new URL(origin).port}.`);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    say('Stopping …');
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        say(String(error));
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
};

await runCommand(
  {
    // The other commands need not load the services.
    start: async () => serve((await import('./start.ts')).start(env, say)),
    'start:services': () => serve(startServices(env, say)),
    dev: () => serve(dev(env, say)),
    engines: async (args) => {
      if (!args.includes('--url')) return fetchAll();
      const { mongoUrl, natsUrl, redisUrl } = await findRunning(portOf(env));
      for (const url of [mongoUrl, natsUrl, redisUrl]) if (url !== undefined) say(url);
      return undefined;
    },
    seed: async () => seed({ origin: await origin(), report: say }),
    demo: async () => demo({ origin: await origin(), report: say }),
  },
  process.argv.slice(2),
);
