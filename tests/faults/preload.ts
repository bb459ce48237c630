import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Change, plant } from '../plant.ts';
import { moveClock } from './clock.ts';
import { MUTANTS } from './mutants.ts';
import { orderOf, plantedPoints } from './points.ts';

/** What one process is told by the file named after it, when it starts. */
export interface Oddity {
  /** Its clock is ahead by so many milliseconds. */
  aheadMs?: number;
  /** It is of the next version: its events have one more optional field. */
  next?: boolean;
}

/** While there is a file of this name, the bus repeats, reorders and delays. */
export const UNRULY = 'unruly';
export const NEXT_FIELD = { name: 'venue', value: 'Olympia' };

/**
 * Preloaded into every process of a suite under test, and only there: what a process suffers on purpose is planted into
 * its source as it is read, so that the services know nothing of it and no setting of theirs can call it forth.
 */
const service = /\/(auth|events|tickets|orders|payments|expiration|admissions)\/src\/main\.ts$/.exec(
  process.argv[1] ?? '',
)?.[1];
const { searchParams } = new URL(import.meta.url);
const folder = searchParams.get('folder') ?? undefined;

async function suffer(service: string, folder: string) {
  if (process.env['NODE_ENV'] === 'production') throw new Error('Faults are for tests, never for production');
  const file = join(folder, `${process.argv[2]}.json`);
  const { aheadMs, next }: Oddity = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Oddity)
    : {};
  if (aheadMs !== undefined) moveClock(aheadMs);

  const diesAt = (point: string) => {
    const order = join(folder, orderOf(service, point));
    if (!existsSync(order)) return;
    try {
      unlinkSync(order); // of two replicas, one dies
    } catch {
      return;
    }
    process.kill(process.pid, 'SIGKILL');
  };
  const { unruly } = await import('@ticketing/common/bus/unruly');
  const mischief = (bus: Parameters<typeof unruly>[0]) =>
    unruly(bus, {
      repeats: 0.3,
      delays: 0.3,
      upTo: 3000,
      random: () => (existsSync(join(folder, UNRULY)) ? Math.random() : 1),
      clock: { sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    });
  Object.assign(globalThis, { diesAt, mischief });
  const mutant = MUTANTS[searchParams.get('mutant') ?? '']?.changes ?? [];
  plant([...plantedPoints, UNRULY_BUS, ...(next ? nextVersion : []), ...mutant]);
}

export const UNRULY_BUS: Change = {
  file: 'common/src/bus/nats-streaming.ts',
  old: 'export const natsStreamingBus = (options: NatsStreamingOptions): Bus => {',
  new: `export const natsStreamingBus = (options: NatsStreamingOptions): Bus => mischief(orderly(options));
        const orderly = (options: NatsStreamingOptions): Bus => {`,
};

const ADDED = JSON.stringify({ [NEXT_FIELD.name]: NEXT_FIELD.value });
export const nextVersion: readonly Change[] = [
  ...['ticket', 'order'].map((kind) => ({
    file: `common/src/contracts/${kind}.ts`,
    old: 'State = z.object({',
    new: `State = z.object({ ${NEXT_FIELD.name}: z.string().optional(),`,
  })),
  {
    file: 'tickets/src/model.ts',
    old: 'const ticket = { ...held, ...held.edited };',
    new: `const ticket = { ...held, ...held.edited, ...${ADDED} };`,
  },
  {
    file: 'orders/src/model.ts',
    old: 'const announce = (order: Order) => {',
    new: `const announce = (old: Order) => { const order = { ...old, ...${ADDED} };`,
  },
];

if (service !== undefined && folder !== undefined) await suffer(service, folder);
