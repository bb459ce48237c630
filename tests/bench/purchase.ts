import { setTimeout as delay } from 'node:timers/promises';
import type { Shape } from '../suite.ts';
import { request } from './load.ts';
import { type Counts, openFloor, openSide, type Side } from './purchase-suite.ts';
import { type Load, type Part, PARTS, type Scene, SOLD_OUT } from './purchase-parts.ts';
import { pool } from './shop.ts';

export interface Round {
  operations: number;
  /** Of each operation, by group and name: milliseconds of processor, and how often. */
  each: Counts;
  /** Milliseconds from an order's 201 to its payment's. */
  paying: number[];
}

export interface Measured extends Load {
  /** By the name of a side: this suite, the one beside it, the floor. */
  sides: Record<string, Round[]>;
}

export interface Purchases {
  shape: Shape;
  measured: Measured[];
  /** MB, by the name of a side. */
  signingIn: Record<string, number>;
}

/** Operations of a round at least, however busy the machine is. */
const LEAST = 60;
const SIGNING_IN = 32;
/** How long is looked at what a suite does at rest, in milliseconds. */
const REST = 5000;

async function round(side: Side, load: Load, seconds: number, atRest: Counts): Promise<Round> {
  const { ask, close } = pool(side.port);
  const scene: Scene = { ask, side, paying: [] };
  try {
    await side.pay(load.provider);
    const part: Part = PARTS[load.part];
    const begin = await part(scene, load, seconds);
    const workers = await Promise.all(Array.from({ length: load.inFlight }, () => begin(scene)));
    await side.settled();
    const before = await side.count();
    const start = performance.now();
    const until = start + seconds * 1000;
    let operations = 0;
    await Promise.all(
      workers.map(async (work) => {
        while ((performance.now() < until || operations < LEAST) && (await work()) !== SOLD_OUT)
          operations += 1;
      }),
    );
    await side.settled();
    const after = await side.count();
    const elapsed = performance.now() - start;
    return {
      operations,
      each: perOperation(before, after, operations, atRest, elapsed),
      paying: scene.paying,
    };
  } finally {
    close();
  }
}

/** What was counted between two moments, without what the suite does at rest in that time. */
const perOperation = (
  before: Counts,
  after: Counts,
  operations: number,
  rest: Counts,
  elapsed: number,
): Counts => {
  const of = (group: keyof Counts) =>
    Object.fromEntries(
      Object.entries(after[group]).map(([name, value]) => [
        name,
        (value - (before[group][name] ?? 0) - (rest[group][name] ?? 0) * elapsed) / operations,
      ]),
    );
  return { cpu: of('cpu'), commands: of('commands'), database: of('database'), messages: of('messages') };
};

/** What it does in a millisecond while nobody asks for anything. */
async function resting(side: Side): Promise<Counts> {
  await side.settled();
  // What it catches up with after its warming up is no rest.
  await delay(REST);
  const before = await side.count();
  const start = performance.now();
  await delay(REST);
  return perOperation(before, await side.count(), performance.now() - start, none, 0);
}

const none: Counts = { cpu: {}, commands: {}, database: {}, messages: {} };

interface Wanted {
  /** Another checkout, by its folder, that is measured in turns with this one. */
  beside: string | undefined;
  loads: readonly Load[];
  rounds: number;
  seconds: number;
}

/** The most that the process which keeps passwords holds, in MB, while so many sign up and in at a time. */
async function signingIn(side: Side, shape: Shape, seconds: number): Promise<number> {
  const { ask, close } = pool(side.port);
  const until = performance.now() + seconds * 1000;
  const process = shape === 'monolith' ? shape : 'auth';
  let people = 0;
  let most = 0;
  const person = async () => {
    while (performance.now() < until) {
      const body = JSON.stringify({
        email: `${Date.now()}-${people++}@example.com`,
        password: 'a long password',
      });
      for (const path of ['/api/users/signup', '/api/users/signin'])
        await ask(request('POST', path, {}, body));
    }
  };
  const watch = async () => {
    while (performance.now() < until) {
      most = Math.max(most, (await side.weigh())[process] ?? NaN);
      await delay(200);
    }
  };
  await Promise.all([watch(), ...Array.from({ length: SIGNING_IN }, person)]);
  close();
  return most;
}

/** Each load on this suite, on the one beside it and on the floor in turns; each is warmed up before. */
export async function purchases(
  shape: Shape,
  { beside, loads, rounds, seconds }: Wanted,
): Promise<Purchases> {
  const suite = await openSide('suite', shape);
  const sides: Side[] = [suite];
  try {
    if (beside !== undefined) sides.push(await openSide('beside', shape, beside));
    sides.push(await openFloor(suite));
    const rest: Record<string, Counts> = {};
    for (const side of sides) {
      await round(side, { part: 'purchase', provider: 'memory', inFlight: 32 }, 4 * seconds, none);
      rest[side.name] = await resting(side);
      console.error(`  ${side.name} at rest: ${JSON.stringify(rest[side.name])}`);
    }
    const measured: Measured[] = [];
    let warm: Load['provider'] = 'memory';
    for (const load of loads) {
      for (const side of sides)
        if (load.provider !== warm && side.name !== 'floor') await round(side, load, 4 * seconds, none);
      warm = load.provider;
      const taking: Record<string, Round[]> = {};
      for (let nth = 1; nth <= rounds; nth++) {
        for (const side of sides) {
          if (side.name === 'floor' && (load.part !== 'purchase' || load.provider !== 'memory')) continue;
          const taken = await round(
            side,
            load,
            load.inFlight === 1 ? 2 * seconds : seconds,
            rest[side.name]!,
          );
          console.error(
            `  ${shape}, ${load.part}, ${load.provider}, ${load.inFlight} in flight, ${side.name}: ${told(taken)}`,
          );
          (taking[side.name] ??= []).push(taken);
        }
      }
      measured.push({ ...load, sides: taking });
    }
    const memory: Record<string, number> = {};
    for (const side of sides)
      if (side.name !== 'floor') memory[side.name] = await signingIn(side, shape, 4 * seconds);
    return { shape, measured, signingIn: memory };
  } finally {
    for (const side of sides.toReversed()) await side.stop();
  }
}

const told = ({ operations, each }: Round) =>
  `${operations}, of ${Object.entries(each.cpu)
    .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
    .join(', ')} ms`;
