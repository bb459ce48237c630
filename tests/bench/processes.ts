import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HEAP } from '@ticketing/suite/supervise';
import type { Shape, StartedSuite } from '../suite.ts';

/** A process under measurement. */
export interface Running {
  port: number;
  /** Where its metrics are. */
  operationalPort: number;
  pid: number;
  stop(): Promise<void>;
}

const SERVICES = ['auth', 'tickets', 'orders', 'payments', 'expiration'];

/** What of a started suite is measured. */
export async function processesOf(
  { pidOf }: StartedSuite,
  shape: Shape,
): Promise<{ name: string; pid: number }[]> {
  if (shape === 'monolith') return [{ name: shape, pid: await pidOf(shape) }];
  return Promise.all(SERVICES.map(async (name) => ({ name, pid: await pidOf(name) })));
}

/** Runs a program of this folder as a process of its own; it says its port when it is ready. */
export async function start(
  program: 'suite.ts' | 'floor.ts' | 'purchase-floor.ts' | 'provider.ts' | 'sale-floor.ts',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Running> {
  const profile = process.env['BENCH_PROF'];
  const child = fork(join(import.meta.dirname, program), args, {
    env: { PATH: process.env['PATH'], ...env },
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      ...(program === 'suite.ts' ? HEAP : ['--conditions=source']),
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
    ],
  });
  const ended = once(child, 'exit');
  const ports = await Promise.race([said(child), ended.then(() => undefined)]);
  if (ports === undefined) throw new Error(`${program} ${args.join(' ')} did not start`);
  return {
    port: ports[0],
    operationalPort: ports[1],
    pid: child.pid ?? 0,
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}

const said = async (child: ChildProcess) => ((await once(child, 'message')) as [[number, number]])[0];

/** What a measured process does around its server: say its ports, and end with its parent. */
export function ready(
  port: number,
  operationalPort: number,
  close: () => void | Promise<void> = () => undefined,
): void {
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => {
    void Promise.resolve(close()).finally(() => process.exit(0));
  });
  process.send?.([port, operationalPort]);
}

const TICK = 10;

/** Milliseconds of processor that a process has used, its kernel's part too; NaN where there is no `/proc`. */
export async function cpu(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/** Waits until a process has nothing to do, e.g. has read the changes that were made before it started. */
export async function quiet(pid: number): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const before = await cpu(pid);
    await delay(400);
    if (!((await cpu(pid)) - before > 20)) return;
  }
  throw new Error(`process ${pid} does not come to rest`);
}

/** Resident memory in MB. */
export async function rss(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
