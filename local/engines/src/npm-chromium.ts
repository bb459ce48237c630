import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';

import { run } from './command.ts';
import { MACHINE, type Source } from './source.ts';
import { assertSha256 } from './wheel.ts';

const TEN_MINUTES = 600_000;

// What a machine without a desktop lacks comes with it.
const WITH_ITS_LIBRARIES = `#!/bin/sh
export LD_LIBRARY_PATH="\${0%/*}/lib"
exec "\${0%/*}/headless_shell" "$@"
`;

/** The headless Chromium in the npm package `@sparticuz/chromium`, and the libraries that it links. */
export const npmChromium = (version: string, sha256: string): Source => ({
  from: `npm package @sparticuz/chromium ${version}`,
  spec: `@sparticuz/chromium@${version} sha256:${sha256}`,
  async fetch({ into, env, step }) {
    if (MACHINE !== 'linux-x64') throw new Error(`it holds none for ${MACHINE}`);
    const inside = { env, cwd: into, timeoutMs: TEN_MINUTES };
    step(`npm downloads @sparticuz/chromium ${version} (70 MB)`);
    await run('npm', ['pack', '--ignore-scripts', `@sparticuz/chromium@${version}`], inside);
    const archive = (await readdir(into)).find((entry) => entry.endsWith('.tgz'));
    if (!archive) throw new Error('npm left no package');
    step(`checking and unpacking ${archive}`);
    await assertSha256(join(into, archive), sha256);
    await run('tar', ['-xzf', archive], inside);

    const folder = join(into, 'engine');
    await mkdir(folder);
    const packed = (name: string) => createReadStream(join(into, 'package/bin', name));
    const program = createWriteStream(join(folder, 'headless_shell'), { mode: 0o755 });
    await pipeline(packed('chromium.br'), createBrotliDecompress(), program);
    const libraries = join(into, 'libraries.tar');
    await pipeline(packed('al2023.tar.br'), createBrotliDecompress(), createWriteStream(libraries));
    await run('tar', ['-xf', libraries, '-C', folder], inside);
    const file = join(folder, 'chromium');
    await writeFile(file, WITH_ITS_LIBRARIES, { mode: 0o755 });
    return { file };
  },
});
