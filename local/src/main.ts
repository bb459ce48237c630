import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ConfigError } from '@ticketing/common/config';
import { backup, restore } from './backup.ts';
import { deadLetters } from './dead-letters.ts';
import { demo } from './demo.ts';
import { dev } from './dev.ts';
import { elsewhere } from './elsewhere.ts';
import { engines } from './engines/main.ts';
import { grant } from './grant.ts';
import { portOf } from './prepare.ts';
import { reconcile } from './reconcile.ts';
import { republish } from './republish.ts';
import { findRunning } from './running.ts';
import { seed } from './seed.ts';
import type { Started } from './start.ts';
import { startServices } from './start-services.ts';

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};
const [command = '', ...args] = process.argv.slice(2);
const env = process.env;
const running = async () => elsewhere(env) ?? findRunning(portOf(env));

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

const COMMANDS: Record<string, () => Promise<unknown>> = {
  // The other commands work without the services' code, which is not in every image.
  start: async () => serve((await import('./start.ts')).start(env, say)),
  'start:services': () => serve(startServices(env, say)),
  dev: () => serve(dev(env, say)),
  engines: () => engines(),
  seed: async () => seed({ origin: (await running()).origin, report: say }),
  demo: async () => demo({ origin: (await running()).origin, report: say }),
  reconcile: async () => {
    const disagreements = await reconcile(await running(), say);
    process.exitCode = disagreements === 0 ? 0 : 1;
  },
  republish: async () => republish(await running(), args, say),
  grant: async () => grant(await running(), args, say),
  backup: async () =>
    backup(await running(), args, async (text) => {
      if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    }),
  restore: async () => restore(await running(), args, createInterface({ input: process.stdin }), say),
  'dead-letters': async () => deadLetters(await running(), args, say),
};

const run = COMMANDS[command];
if (!run) {
  say(`Unknown command ${command || '(none)'}. There are: ${Object.keys(COMMANDS).join(', ')}`);
  process.exitCode = 2;
} else {
  await run().catch((error: unknown) => {
    const known = error instanceof ConfigError || (error instanceof Error && error.constructor === Error);
    process.stderr.write(`\n${known ? (error as Error).message : String((error as Error).stack ?? error)}\n`);
    process.exit(1);
  });
}
