import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { run } from './command.ts';
import type { EngineSpec } from './table.ts';

/** The first binary on the PATH that runs here and is new enough; why others were not taken goes into `tried`. */
export const onPath = async (
  spec: EngineSpec,
  env: NodeJS.ProcessEnv,
  tried: string[],
): Promise<{ path: string; version: string } | undefined> => {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    for (const binary of spec.binaries) {
      const path = join(folder, binary);
      if (
        !(await access(path, constants.X_OK).then(
          () => true,
          () => false,
        ))
      )
        continue;
      try {
        return { path, version: await versionOf(path, spec) };
      } catch (error) {
        tried.push(error instanceof Error ? error.message : String(error));
      }
    }
  }
  if (tried.length === 0) tried.push(`no ${spec.binaries.join(' or ')} on the PATH`);
  return undefined;
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
