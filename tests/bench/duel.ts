import { setTimeout as delay } from 'node:timers/promises';
import { load, median, quantile } from './load.ts';
import { cpu, quiet, type Running } from './processes.ts';

export interface Side {
  process: Running;
  next(): string;
  /** Whether the work that the answers left behind, events and their consumers, is done. */
  settled?(): Promise<boolean>;
}

/** Two servers that are asked the same, in turns. */
export interface Contest {
  path: string;
  /** Which process answers. */
  shape: string;
  /** What the other side does: the floor's work. */
  floor: string;
  aim: number;
  connections: number;
  /** Seconds of a round at most, where it uses something up. */
  longest?: number;
  sides: { suite: Side; floor: Side };
}

export interface Round {
  /** Requests per second, the work left behind included. */
  rate: number;
  p50: number;
  p99: number;
  /** Milliseconds of processor per request: of the server, and of mongod. */
  cpu: number;
  mongod: number;
}

export interface Result extends Omit<Contest, 'sides'> {
  suite: Round[];
  against: Round[];
}

interface Timing {
  pairs: number;
  seconds: number;
  /** mongod's process. */
  mongod: number;
}

/** Asks both sides in turns, so that what else the machine does hits both; a first pair warms up and is left out. */
export async function duel({ sides, ...contest }: Contest, timing: Timing): Promise<Result> {
  const result: Result = { ...contest, suite: [], against: [] };
  for (const { process } of Object.values(sides)) await quiet(process.pid);
  for (let pair = 0; pair <= timing.pairs; pair++) {
    const suite = await round(sides.suite, contest, timing);
    const against = await round(sides.floor, contest, timing);
    if (pair === 0) continue;
    result.suite.push(suite);
    result.against.push(against);
  }
  return result;
}

async function round(
  side: Side,
  { path, connections, longest = Infinity }: Pick<Contest, 'path' | 'connections' | 'longest'>,
  timing: Timing,
) {
  const { port, pid } = side.process;
  const used = async () => [await cpu(pid), await cpu(timing.mongod)] as const;
  const before = await used();
  const start = performance.now();
  const { replies } = await load({
    port,
    connections,
    seconds: Math.min(timing.seconds, longest),
    next: side.next,
  });
  while (side.settled && !(await side.settled())) await delay(10);
  const elapsed = (performance.now() - start) / 1000;
  const after = await used();
  const wrong = replies.find(({ status }) => status >= 300);
  if (wrong) throw new Error(`${path}: answered ${wrong.status}`);
  const times = replies.map(({ ms }) => ms);
  return {
    rate: replies.length / elapsed,
    p50: median(times),
    p99: quantile(times, 0.99),
    cpu: (after[0] - before[0]) / replies.length,
    mongod: (after[1] - before[1]) / replies.length,
  };
}
