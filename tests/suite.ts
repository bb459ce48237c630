import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { guard } from '@ticketing/engines/guard';
import { eventually } from '@ticketing/common/testing';
import { freePort } from '@ticketing/engines/place';
import { Running } from '@ticketing/operations/running';

const ROOT = join(import.meta.dirname, '..');

export const SHAPES = { monolith: 'start', services: 'start:services' } as const;
export type Shape = keyof typeof SHAPES;

/** How long a start may take, in milliseconds: the first one builds the pages, perhaps on a busy machine. */
const START = 480_000;
/** What a hook should give it, so that the reason of a failure is told. */
export const START_LIMIT = START + 30_000;

export interface StartedSuite {
  origin: string;
  /** Where its data and its secrets are. */
  home: string;
  /** The process that all others of it descend from. */
  pid: number;
  running: Running;
  output(): string;
  /** The process that runs a service now; only in the shape of services. */
  pidOf(service: string): Promise<number>;
  /** Runs another of the commands against this suite, as a user would. */
  command(script: string, ...args: string[]): Promise<{ code: number; output: string }>;
  /** Ctrl-C. */
  stop(): Promise<void>;
  /** SIGKILL to what supervises it and to every service. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  startAgain(): Promise<void>;
  /** Ctrl-C, and removes its data. */
  destroy(): Promise<void>;
}

interface Place {
  /** Where its code is, e.g. that of another release. */
  code?: string;
  /** Whose port and data it takes over; that suite is stopped or dead. */
  after?: StartedSuite;
}

/** Starts the suite as a user does, by `npm`, on a free port and with data of its own. */
export async function startSuite(
  shape: Shape,
  settings: Record<string, string> = {},
  { code = ROOT, after }: Place = {},
): Promise<StartedSuite> {
  const port = after ? Number(new URL(after.origin).port) : await freePort();
  const home = after ? dirname(after.home) : await mkdtemp(join(tmpdir(), 'ticketing-suite-'));
  const env = {
    ...process.env,
    RATE_LIMIT: 'off',
    SEEN_REQUIRED: 'on',
    LOG_LEVEL: 'error',
    // Who is late is the machine.
    REQUEST_SECONDS: '300',
    ...settings,
    PORT: String(port),
    LOCAL_DIR: home,
  };
  const launch = (script: string, args: string[] = []) => {
    const child = spawn('npm', ['run', '--silent', script, '--', ...args], {
      cwd: code,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    return { child, output: () => output };
  };

  const begin = async () => {
    const started = launch(SHAPES[shape]);
    // Who is killed in the middle leaves neither processes nor folders behind.
    if (started.child.pid !== undefined) guard(started.child, -started.child.pid, home);
    await eventually(
      () => {
        const { exitCode, signalCode } = started.child;
        if (exitCode !== null || signalCode !== null) throw new Error(`It ended:\n${started.output()}`);
        return started.output().includes('Ready: ');
      },
      { within: START, every: 100 },
    ).catch((error: unknown) => {
      throw new Error(`The suite did not start:\n${started.output()}`, { cause: error });
    });
    return started;
  };
  let process_ = await begin();
  const read = async () =>
    Running.parse(JSON.parse(await readFile(join(home, String(port), 'running.json'), 'utf8')));
  let running = await read();

  const stop = async () => {
    const { child } = process_;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = once(child, 'exit');
    process.kill(-child.pid, 'SIGINT');
    await ended;
  };

  return {
    origin: running.origin,
    home: join(home, String(port)),
    get pid() {
      return process_.child.pid ?? 0;
    },
    get running() {
      return running;
    },
    output: () => process_.output(),
    pidOf: (service) =>
      eventually(async () => {
        const pid = Number(await readFile(join(home, String(port), `${service}.pid`), 'utf8'));
        // Empty while it is written; and a signal to 0 would be one to this very process and its group.
        if (!(pid > 0)) throw new Error(`${service} has no process`);
        return pid;
      }),
    async command(script, ...args) {
      const { child, output } = launch(script, args);
      const [code] = (await once(child, 'close')) as [number];
      return { code, output: output() };
    },
    stop,
    async kill() {
      const supervisor = running.pid;
      const files = (await readdir(join(home, String(port)))).filter((name) => name.endsWith('.pid'));
      const pids = await Promise.all(files.map((name) => readFile(join(home, String(port), name), 'utf8')));
      for (const pid of [supervisor, ...pids.map(Number)])
        if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
      await eventually(() => process_.child.exitCode !== null || process_.child.signalCode !== null);
    },
    async startAgain() {
      process_ = await begin();
      running = await read();
    },
    async destroy() {
      await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
