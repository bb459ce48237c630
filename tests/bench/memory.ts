import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@ticketing/local/engines/place';
import { load, request } from './load.ts';
import { cpu, rss, scriptOf } from './processes.ts';

export interface Memory {
  process: string;
  /** Seconds of its own processor until the suite said that it is ready. */
  start: number;
  /** Resident MB. */
  idle: number;
  loaded: number;
  aim: readonly [idle: number, loaded: number];
}

const ROOT = join(import.meta.dirname, '../..');
const SERVICES = ['auth', 'tickets', 'orders', 'payments', 'expiration'];
/** At rest is measured this long after the start, in milliseconds, when the garbage of loading has been collected. */
const REST = 10_000;

/** Starts the suite as a user does, in a folder of its own, and weighs its processes at rest and under load. */
export async function memory(shape: 'start' | 'start:services', seconds: number): Promise<Memory[]> {
  const home = await mkdtemp(join(tmpdir(), 'ticketing-bench-'));
  const port = await freePort();
  const env = {
    ...process.env,
    PORT: String(port),
    LOCAL_DIR: home,
    RATE_LIMIT: 'off',
    MAX_REQUESTS: '10000',
  };
  const program = spawn(process.execPath, await scriptOf(shape), {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await ready(program);
    const pids = await processes(shape, program, join(home, String(port)));
    const started = await Promise.all(pids.map(({ pid }) => cpu(pid)));
    const weigh = () => Promise.all(pids.map(({ pid }) => rss(pid)));
    await delay(REST);
    const idle = await weigh();
    const cookie = await signUp(port);
    let asked = 0;
    const highest = idle.map(() => 0);
    const until = { over: false };
    const watch = (async () => {
      while (!until.over) {
        for (const [index, now] of (await weigh()).entries())
          highest[index] = Math.max(highest[index] ?? 0, now);
        await delay(250);
      }
    })();
    await load({ port, connections: 32, seconds, next: () => mixed(asked++, cookie) });
    until.over = true;
    await watch;
    return pids.map(({ name }, index) => ({
      process: name,
      start: (started[index] ?? NaN) / 1000,
      idle: idle[index] ?? NaN,
      loaded: highest[index] ?? NaN,
      aim: shape === 'start' ? [280, 280] : [160, 200],
    }));
  } finally {
    const ended = once(program, 'exit');
    program.kill('SIGTERM');
    await ended;
    await rm(home, { recursive: true, force: true });
  }
}

const ready = (program: ChildProcess) =>
  new Promise<void>((resolve, fail) => {
    let said = '';
    program.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ready:')) resolve();
    });
    program.once('exit', () => fail(new Error(`the suite did not start:\n${said}`)));
  });

async function processes(shape: string, program: ChildProcess, home: string) {
  if (shape === 'start') return [{ name: 'monolith', pid: program.pid ?? 0 }];
  const pidOf = async (name: string) => Number(await readFile(join(home, `${name}.pid`), 'utf8'));
  return Promise.all(SERVICES.map(async (name) => ({ name, pid: await pidOf(name) })));
}

async function signUp(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/users/signup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: `bench-${Date.now()}@example.com`, password: 'a long password' }),
  });
  return answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
}

/** One in ten offers a ticket, the others look: at the list, at oneself, at one's orders. */
const mixed = (turn: number, Cookie: string) => {
  if (turn % 10 === 0) {
    const offer = JSON.stringify({ title: `Bench, seat ${turn}`, price: 2500 });
    return request('POST', '/api/tickets', { Cookie }, offer);
  }
  const paths = ['/api/tickets', '/api/users/currentuser', '/api/orders'];
  return request('GET', paths[turn % paths.length] ?? '/', { Cookie });
};
