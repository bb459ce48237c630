import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '@ticketing/common/config';
import { cacheFolder } from '@ticketing/engines/cache';
import { guard } from '@ticketing/engines/guard';

export interface Supervised {
  readonly name: string;
  readonly pid: number | undefined;
  /** How often it ended and was started again. */
  readonly restarts: number;
  stop(): Promise<void>;
}

interface Settings {
  name: string;
  args: readonly string[];
  env: Record<string, string>;
  cwd?: string;
  /** Holds the id of the process that runs now. */
  pidFile: string;
  /** What it prints on its output is left out; its errors never are. */
  quiet?: boolean;
  say(line: string): void;
}

/** Else the heap of a busy process grows to twice what the suite promises before V8 collects (docs/performance.md). */
export const HEAP = ['--conditions=source', '--max-semi-space-size=8', '--max-old-space-size=512'];

/** Where Node keeps compiled code: a third less to do at each start after the first. */
const COMPILED = join(cacheFolder(process.env), '..', 'compiled');

/** A process that restarts faster than this, in milliseconds, waits longer before each next try. */
const STABLE = 5000;
const STOP_PATIENCE = 15_000;

/**
 * Keeps a Node process running, as a Deployment does. It is in a session of its own, so that Ctrl-C reaches only the
 * supervisor, and ends when the supervisor is gone.
 */
export function supervise({ name, args, env, cwd, pidFile, quiet, say }: Settings): Supervised {
  let child: ChildProcess | undefined;
  const stopping = new AbortController();
  const stopped = () => stopping.signal.aborted;
  let quick = 0;
  let restarts = 0;

  const loop = async () => {
    while (!stopped()) {
      const began = Date.now();
      child = spawn(process.execPath, args, {
        env: { NODE_COMPILE_CACHE: COMPILED, ...env },
        detached: true,
        stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'],
        ...(cwd !== undefined && { cwd }),
      });
      if (child.pid !== undefined) guard(child, child.pid);
      writeFileSync(pidFile, String(child.pid));
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      if (stopped()) return;
      restarts += 1;
      quick = Date.now() - began < STABLE ? quick + 1 : 1;
      say(`${name} ended (${signal ?? `status ${code}`}); starting it again`);
      const pause = Math.min(5000, 100 * 2 ** (quick - 1));
      await delay(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const ended = loop();

  return {
    name,
    get pid() {
      return child?.pid;
    },
    get restarts() {
      return restarts;
    },
    async stop() {
      stopping.abort();
      child?.kill('SIGTERM');
      const bound = setTimeout(() => child?.kill('SIGKILL'), STOP_PATIENCE);
      await ended;
      clearTimeout(bound);
    },
  };
}

/** How long a service may take to be ready, in milliseconds. */
const PATIENCE = 60_000;

/** Resolves when this process says so. Rejects with a sentence when it ends before, or takes too long. */
export async function untilReady(process: Supervised, operationalUrl: string) {
  const { name } = process;
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await delay(50)) {
    const health = await fetch(`${operationalUrl}/health`).catch(() => undefined);
    if (health?.ok) return;
    if (process.restarts > 0) throw new ConfigError(`${name} cannot start; what it printed says why`);
  }
  throw new ConfigError(`${name} was not ready after ${PATIENCE / 1000} s; what it printed says why`);
}
