import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { guard } from './guard.ts';
import { failed, launched, type Launchable, trimmed } from './launch.ts';
import { freePort, waitForFormerOwner } from './place.ts';

/** An engine that runs. `restart` comes back on the same port, with its data unless it is to be emptied. */
export type RunningEngine = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Of its store: what its URL asks with, or what that is made of. */
  readonly password: string;
  /** The file with what the engine printed. */
  readonly log: string;
  /** Ends it in an orderly way, by SIGKILL if that takes too long; a throw-away store is removed. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would; the store stays. */
  kill(): Promise<void>;
  restart(options?: { emptied?: boolean }): Promise<void>;
};

export type Ready = { port: number; pid: number; password: string; said: () => Promise<string> };

export type Program = Launchable & {
  url: (port: number, password: string) => string;
  /** What it reads of a file that only this user may read, as anybody may read its arguments. */
  settings?: (password: string) => string;
  /** Whether this very process serves; may throw while it does not. */
  ready: (state: Ready) => Promise<boolean>;
  /** What it asks for; its store's own, made once, without it. */
  password?: string | undefined;
  /** Where its data is kept; without it, data is thrown away at the end. */
  dataDir?: string | undefined;
  /** 0 or nothing: any free port. */
  port?: number | undefined;
};

const START_MS = 60_000;
const STOP_MS = 15_000;

/** Starts a program and waits until it serves; it ends with this process, however that ends. */
export const startProgram = async (program: Program): Promise<RunningEngine> => {
  const home = program.dataDir
    ? resolve(program.dataDir)
    : await mkdtemp(join(tmpdir(), `ticketing-${program.name}-`));
  const store = join(home, 'store');
  const log = join(home, `${program.name}.log`);
  const thrownAway = program.dataDir === undefined;
  const password = await passwordOf(home, program.password);
  if (program.settings) await writeSecret(join(home, SETTINGS), program.settings(password));
  const fixed = program.port === 0 ? undefined : program.port;
  let child: ChildProcess | undefined;

  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    const running = child;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    running.ref();
    const ended = once(running, 'exit');
    running.kill(signal);
    if (signal === 'SIGTERM') {
      const bound = setTimeout(() => running.kill('SIGKILL'), STOP_MS);
      await ended.finally(() => clearTimeout(bound));
    } else await ended;
  };

  const launch = async (port: number): Promise<'serves' | 'port taken'> => {
    await mkdir(store, { recursive: true });
    await waitForFormerOwner(home);
    const from = await trimmed(log);
    const said = async () => (await readFile(log)).subarray(from).toString();
    const begun = launched(program, port, store, log);
    child = begun;
    if (begun.pid === undefined) throw await failed(begun, program);
    guard(begun, begun.pid, thrownAway ? home : undefined);
    await writeFile(join(home, 'engine.pid'), String(begun.pid));
    const deadline = Date.now() + START_MS;
    while (begun.exitCode === null && begun.signalCode === null && Date.now() < deadline) {
      if (await program.ready({ port, pid: begun.pid, password, said }).catch(() => false)) return 'serves';
      await sleep(50);
    }
    await end('SIGKILL');
    const words = await said();
    if (/address already in use/i.test(words)) return 'port taken';
    throw new Error(
      `${program.name} did not start on port ${port}; the last it said (${log}):\n${words.slice(-1500)}`,
    );
  };

  const start = async (): Promise<number> => {
    for (let attempt = 1; attempt <= 5; attempt++) {
      const port = fixed ?? (await freePort());
      if ((await launch(port)) === 'serves') return port;
      if (fixed !== undefined) throw new Error(`port ${port} is taken: ${program.name} cannot start there`);
    }
    throw new Error(`${program.name} found no free port`);
  };

  const discard = async () => {
    if (thrownAway) await rm(home, { recursive: true, force: true });
  };

  const port = await start().catch(async (error: unknown) => {
    await discard();
    throw error;
  });
  return {
    url: program.url(port, password),
    port,
    log,
    password,
    get pid() {
      return child?.pid ?? 0;
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      await discard();
    },
    async restart({ emptied = false } = {}) {
      await end('SIGTERM');
      if (emptied) await rm(store, { recursive: true, force: true });
      if ((await launch(port)) !== 'serves')
        throw new Error(`port ${port} is taken: ${program.name} cannot come back`);
    },
  };
};

export const PASSWORD = 'password';
export const SETTINGS = 'settings.conf';

export const newPassword = (): string => randomBytes(24).toString('hex');

/** Made once for each store, so that nobody else on this machine reads or changes what is in it. */
const passwordOf = async (home: string, given?: string): Promise<string> => {
  const file = join(home, PASSWORD);
  const kept = (await readFile(file, 'utf8').catch(() => undefined)) || undefined;
  const password = given ?? kept ?? newPassword();
  if (password === kept) return password;
  await mkdir(home, { recursive: true });
  await writeSecret(file, password);
  return password;
};

const writeSecret = async (file: string, text: string) => {
  const fresh = `${file}.new`; // a disk that is full leaves the one of before
  await rm(fresh, { force: true });
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, file);
};
