import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { run } from './command.ts';
import type { EngineSpec } from './table.ts';

/** What bears one of these names on the PATH, in its order. */
export const onPath = async (binaries: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> => {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const paths = folders.flatMap((folder) => binaries.map((binary) => join(folder, binary)));
  const executable = await Promise.all(
    paths.map((path) =>
      access(path, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, number) => executable[number]);
};

/** Asks the binary itself, which also shows that it runs here. */
export const versionOf = async (path: string, { version }: EngineSpec): Promise<string> => {
  const said = await run(path, version.args, { timeoutMs: 20_000 });
  const found = version.pattern.exec(said)?.[1];
  if (!found) throw new Error(`${path} does not say its version`);
  if (isOlder(found, version.minimum)) throw new Error(`${path} is ${found}, older than ${version.minimum}`);
  return found;
};

const isOlder = (version: string, minimum: string): boolean =>
  /^\d/.test(version) && version.localeCompare(minimum, 'en', { numeric: true }) < 0;
