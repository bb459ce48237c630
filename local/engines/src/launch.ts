import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';

export type Launchable = {
  name: string;
  binary: string;
  args: (port: number, store: string) => readonly string[];
};

const LOG_LIMIT = 5_000_000;

/** In a session of its own, so that Ctrl-C reaches the suite first; without the secrets of the environment. */
export const launched = (
  { binary, args }: Launchable,
  port: number,
  store: string,
  log: string,
): ChildProcess => {
  const file = openSync(log, 'a');
  const { PATH, HOME, TMPDIR, LANG, TZ } = process.env;
  try {
    const child = spawn(binary, args(port, store), {
      detached: true,
      stdio: ['ignore', file, file],
      env: Object.fromEntries(
        Object.entries({ PATH, HOME, TMPDIR, LANG, TZ }).filter(([, value]) => value !== undefined),
      ),
    });
    // An engine that somebody forgot to stop must not keep this process from ending.
    child.unref();
    child.on('error', () => undefined);
    return child;
  } finally {
    closeSync(file);
  }
};

export const failed = async (child: ChildProcess, { name, binary }: Launchable): Promise<Error> => {
  const [error] = (await once(child, 'error')) as [Error];
  return new Error(`${name} cannot be run from ${binary}: ${error.message}`);
};

/** Keeps the log from growing for ever; gives where the new part begins. */
export const trimmed = async (log: string): Promise<number> => {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= LOG_LIMIT) return size;
  await (await open(log, 'w')).close();
  return 0;
};
