import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from './command.ts';
import type { Source } from './source.ts';

const STALLED_MS = 10_000;

/** mongodb-memory-server's own download, in a process that is stopped as soon as nothing arrives any more. */
export const memoryServer: Source = {
  from: 'mongodb-memory-server',
  spec: 'mongodb-memory-server',
  async fetch({ into, env, step }) {
    step('asking mongodb-memory-server for a mongod');
    const stalled = new AbortController();
    let [size, since] = [0, Date.now()];
    const watch = setInterval(() => {
      void bytes(into).then((now) => {
        if (now !== size) {
          [size, since] = [now, Date.now()];
          step(`mongodb-memory-server downloads a mongod, ${Math.round(size / 1e6)} MB so far`);
        } else if (Date.now() - since > STALLED_MS) {
          stalled.abort(new Error(`nothing arrived for ${STALLED_MS / 1000} s`));
        }
      });
    }, 1000);
    try {
      const output = await run(
        process.execPath,
        [fileURLToPath(new URL('download-mongod.ts', import.meta.url)), into],
        {
          // Without this variable the downloader would accept any TLS certificate.
          env: { ...env, npm_config_strict_ssl: 'true', MONGOMS_MAX_RETRIES: '1' },
          timeoutMs: 900_000,
          signal: stalled.signal,
        },
      );
      const path = /^mongod: (.*)$/m.exec(output)?.[1];
      if (!path) throw new Error('it named no binary');
      const file = join(into, 'engine', 'mongod');
      await mkdir(dirname(file));
      await copyFile(path, file);
      return { file };
    } finally {
      clearInterval(watch);
    }
  },
};

const bytes = async (folder: string): Promise<number> => {
  let sum = 0;
  for (const entry of await readdir(folder).catch(() => [])) {
    sum += await stat(join(folder, entry)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return sum;
};
