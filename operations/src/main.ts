import { once } from 'node:events';
import { parseConfig } from '@ticketing/common/config';
import { backup, restore } from './backup.ts';
import { runCommand, say } from './command.ts';
import { deadLetters } from './dead-letters.ts';
import { elsewhere } from './elsewhere.ts';
import { grant } from './grant.ts';
import { keys } from './keys.ts';
import { reconcile } from './reconcile.ts';
import { refunds } from './refunds.ts';
import { republish } from './republish.ts';
import { findRunning, portOf } from './running.ts';
import { makeKey, opened, Sealing } from './sealed.ts';

/** A real key is written nowhere: who wants the account looked at as well names it again. */
const running = async () =>
  elsewhere(process.env) ?? {
    ...(process.env['STRIPE_KEY'] && { sandboxKey: process.env['STRIPE_KEY'] }),
    ...(await findRunning(portOf(process.env))),
  };

const sealing = () => parseConfig(Sealing, process.env);
const write = async (bytes: Uint8Array) => {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
};

await runCommand(
  {
    reconcile: async () => {
      const disagreements = await reconcile(await running(), say);
      process.exitCode = disagreements === 0 ? 0 : 1;
    },
    republish: async (args) => republish(await running(), args, say),
    grant: async (args) => grant(await running(), args, say),
    keys: (args) => keys(args, say),
    backup: async (args) => backup(await running(), args, sealing(), write),
    restore: async (args) => restore(await running(), args, sealing(), process.stdin, say),
    decrypt: async () => {
      for await (const piece of opened(process.stdin, sealing().BACKUP_IDENTITY)) await write(piece);
    },
    'backup-key': async ([file]) => {
      if (file === undefined) throw new Error('Usage: npm run --silent backup-key -- <file>');
      say(await makeKey(file));
    },
    refunds: async (args) => refunds(await running(), args, say),
    'dead-letters': async (args) => deadLetters(await running(), args, say),
  },
  process.argv.slice(2),
);
