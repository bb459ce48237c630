import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder, locked } from '@ticketing/engines/cache';
import { run } from '@ticketing/engines/command';

const HERE = import.meta.dirname;
const REQUIREMENTS = join(HERE, 'requirements.txt');
const TEN_MINUTES = 600_000;

/**
 * Its program, in a virtual environment in the cache of the engines, made once for these requirements. Rejects with a
 * sentence where that cannot be.
 */
export async function schemathesis(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  const wanted = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder(env), `schemathesis-${wanted}`);
  const isMade = () => stat(join(folder, 'made')).then(Boolean, () => false);
  const program = join(folder, 'bin/schemathesis');
  if (await isMade()) return program;
  const python = ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'];
  await run('python3', python, { timeoutMs: 60_000 }).catch((error: unknown) => {
    throw new Error('NOT CHECKED: schemathesis needs python3, 3.11 or newer, with venv, on the PATH', {
      cause: error,
    });
  });
  await locked(
    folder,
    () => say('  … waiting for another process that installs schemathesis'),
    async () => {
      if (await isMade()) return;
      const begun = Date.now();
      const telling = setInterval(
        () => say(`  … installing schemathesis from PyPI (${Math.round((Date.now() - begun) / 1000)} s)`),
        10_000,
      );
      say('  … installing schemathesis from PyPI, once');
      const bounds = { timeoutMs: TEN_MINUTES };
      try {
        await rm(folder, { recursive: true, force: true });
        await run('python3', ['-m', 'venv', folder], bounds);
        const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'];
        await run(join(folder, 'bin/python'), [...pip, '--requirement', REQUIREMENTS], bounds);
        await writeFile(join(folder, 'made'), '');
      } catch (error) {
        throw new Error(`NOT CHECKED: schemathesis could not be installed from PyPI (${String(error)})`, {
          cause: error,
        });
      } finally {
        clearInterval(telling);
      }
    },
  );
  return program;
}

const Told = z.object({
  complete: z.boolean(),
  test_cases: z.object({ generated: z.number() }),
  failures: z.array(z.object({ title: z.string(), operations: z.array(z.string()) })),
  errors: z.array(z.looseObject({ title: z.string().optional() })),
});

export interface Findings {
  cases: number;
  /** One for each finding: the operation, and what is wrong with it. */
  lines: string[];
}

interface Fuzzing {
  program: string;
  document: string;
  /** Whose access token is sent; without one nobody is signed in. */
  token: string | undefined;
  seed: number;
  examples: number;
  /** Gets all that it says: how to repeat each finding by `curl`. */
  log: string;
}

/** Asks a service everything that its document allows, and what it does not, and holds the answers against it. */
export async function fuzz({ program, document, token, seed, examples, log }: Fuzzing): Promise<Findings> {
  const folder = await mkdtemp(join(tmpdir(), 'ticketing-fuzz-'));
  try {
    const config = join(folder, 'schemathesis.toml');
    const signedIn = token === undefined ? '' : `\n[auth.openapi.bearer]\nbearer = "${token}"\n`;
    await writeFile(config, (await readFile(join(HERE, 'schemathesis.toml'), 'utf8')) + signedIn);
    const report = join(folder, 'report.json');
    const args = ['--config-file', config, 'run', document, '--seed', String(seed)];
    args.push('--max-examples', String(examples), '--report', 'json', '--report-json-path', report);
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    await mkdir(join(log, '..'), { recursive: true });
    await writeFile(`${log}.tmp`, Buffer.concat(said));
    await rename(`${log}.tmp`, log);
    const told = Told.safeParse(JSON.parse(await readFile(report, 'utf8').catch(() => '{}'))).data;
    if (!told) return { cases: 0, lines: [`schemathesis ended with ${code} and no report`] };
    const { failures, errors, complete, test_cases } = told;
    const lines = [
      ...failures.flatMap(({ title, operations }) => operations.map((one) => `${one}: ${title}`)),
      ...errors.map(({ title }) => `an error of schemathesis: ${title ?? 'see its log'}`),
      ...(complete ? [] : ['it did not come to its end']),
    ];
    const unknown = lines.length === 0 && code !== 0 ? [`schemathesis ended with ${code}`] : [];
    return { cases: test_cases.generated, lines: [...lines, ...unknown] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
