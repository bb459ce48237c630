import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { memoryMongo } from '@ticketing/engines/memory-mongo';
import { MongoClient } from 'mongodb';
import { watchBranches } from './coverage.ts';
import { type Backend, memoryBackend } from './memory.ts';
import { mongodBackend } from './mongod.ts';
import { type Mutant, MUTANTS } from './mutants.ts';
import { declareAll, type Outcome, type Plan, simulate, WORKLOADS } from './run.ts';
import { KEPT } from './seeds.ts';
import { shrink } from './shrink.ts';

const USAGE = `Usage: npm run simulate -- [options]
  --minutes N       fresh seeds for so long, as this process computes (1)
  --seed S          one run, again        --trace   with all that happened
  --workload NAME   ${Object.keys(WORKLOADS).join(', ')}; all in turn without it
  --people N --acts N --faults N          instead of the workload's
  --real-mongod     on a real mongod      --compare N   N seeds on both databases: the same traces
  --mutants         plants each known defect, or those of the workload, and looks for it
  --coverage        tells which branches of the rules and handlers were not reached
  --until-found     ends at the first failure, without making it smaller`;

const number = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({
  options: {
    minutes: { ...number, default: '1' },
    seed: number,
    workload: number,
    people: number,
    acts: number,
    faults: number,
    compare: number,
    trace: flag,
    'real-mongod': flag,
    mutants: flag,
    coverage: flag,
    'until-found': flag,
    help: flag,
  },
});

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

/** The plan of a seed: its workload, and what the command line sets instead. */
const planOf = (seed: number): Plan => {
  const names = Object.keys(WORKLOADS);
  const workload = WORKLOADS[values.workload ?? names[seed % names.length] ?? ''];
  if (!workload) throw new Error(`--workload must be one of ${names.join(', ')}`);
  const set = (['people', 'acts', 'faults'] as const).filter((key) => values[key] !== undefined);
  return { ...workload, ...Object.fromEntries(set.map((key) => [key, Number(values[key])])), seed };
};

const replay = ({ seed, people, acts, faults, ...rest }: Plan) => {
  const workload = Object.entries(WORKLOADS).find(
    ([, one]) =>
      one.nets === rest.nets &&
      (['teasing', 'regretting', 'hasty', 'organizing'] as const).every((kind) => one[kind] === rest[kind]),
  )?.[0];
  return `npm run simulate -- --seed ${seed} --workload ${workload} --people ${people} --acts ${acts} --faults ${faults} --trace`;
};

/** What the services' routine adds to a trace. */
const ROUTINE = /healthy|looks through|takes one of|inbox: 0/;

const tell = ({ plan, failure, trace, steps }: Outcome) => {
  say(`\n✗ seed ${plan.seed}: ${failure}\n  again: ${replay(plan)}\n  ${steps} steps; the last of them:`);
  for (const line of trace.filter((text) => !ROUTINE.test(text)).slice(-60)) say(`    ${line}`);
};

async function withBackend<T>(real: boolean, work: (backend: Backend) => Promise<T>): Promise<T> {
  if (!real) {
    const backend = memoryBackend();
    await declareAll(backend);
    return work(backend);
  }
  const server = await memoryMongo();
  const client = await MongoClient.connect(server.url);
  try {
    const backend = mongodBackend(client.db('simulation'));
    await declareAll(backend);
    return await work(backend);
  } finally {
    await client.close();
    await server.stop();
  }
}

/** Milliseconds for which this process has computed: who shares a processor looks as far as who has it alone. */
const computed = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Runs fresh seeds until the time is over; resolves with whether nothing was found. */
async function explore(backend: Backend): Promise<boolean> {
  const branches = values.coverage ? await watchBranches() : undefined;
  const first = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
  const begin = computed();
  const interleavings = new Set<string>();
  const total = { runs: 0, steps: 0, faults: 0, failures: 0 };
  let told = Date.now();
  const take = async (plan: Plan) => {
    const outcome = await simulate(plan, backend);
    total.runs += 1;
    total.steps += outcome.steps;
    total.faults += outcome.faults;
    interleavings.add(outcome.interleaving);
    if (outcome.failure === undefined) return;
    total.failures += 1;
    tell(values['until-found'] ? outcome : await shrink(outcome, backend));
  };
  for (const plan of values['until-found'] ? [] : KEPT) await take(plan);
  for (let seed = first; computed() - begin < Number(values.minutes) * 60_000; seed++) {
    await take(planOf(seed));
    if (total.failures > 2 || (total.failures > 0 && values['until-found'])) break;
    if (Date.now() - told > 20_000) {
      told = Date.now();
      say(`  … ${total.runs} schedules, ${total.steps} steps, ${total.failures} failures`);
    }
  }
  const minutes = (computed() - begin) / 60_000;
  say(
    `${total.runs} schedules (${Math.round(total.runs / minutes)} a minute) from seed ${first}, ${total.steps} steps, ` +
      `${total.faults} faults, ${interleavings.size} distinct interleavings of contended writes, ${total.failures} failures`,
  );
  const missed = (await branches?.missed()) ?? [];
  if (branches)
    say(
      missed.length === 0 ? 'Every branch of the rules and handlers was reached.' : 'Branches not reached:',
    );
  for (const line of missed) say(`  ${line}`);
  return total.failures === 0;
}

/** Plants each mutant in a process of its own and looks for it, with every processor that there is. */
async function hunt(): Promise<boolean> {
  let missed = 0;
  const all = MUTANTS.filter(({ workload }) => [undefined, workload].includes(values.workload));
  const left = all.values();
  const next = async () => {
    for (const mutant of left) {
      const { found, seconds } = await find(mutant);
      if (found === undefined) missed += 1;
      say(
        `${found === undefined ? '✗' : '✓'} ${mutant.name}: ${found ?? 'NOT FOUND'} (${seconds.toFixed(0)} s)`,
      );
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, next));
  say(`${all.length - missed} of ${all.length} mutants found`);
  return missed === 0;
}

const HERE = import.meta.dirname;

const find = ({ name, workload }: Mutant) =>
  new Promise<{ found: string | undefined; seconds: number }>((resolve) => {
    const begin = Date.now();
    const options = [
      '--until-found',
      '--minutes',
      '8',
      ...(workload === undefined ? [] : ['--workload', workload]),
    ];
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--import', join(HERE, 'plant.ts'), join(HERE, 'main.ts'), ...options],
      { env: { ...process.env, MUTANT: name }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    child.stdout.on('data', (text) => (output += String(text)));
    child.on('close', () => {
      const found = /✗ (seed \d+: .{0,110})/.exec(output)?.[1];
      // A plant that names what is not there was not looked for.
      const stands = !found?.includes('ReferenceError');
      resolve({ found: stands ? found : undefined, seconds: (Date.now() - begin) / 1000 });
    });
  });

/** The same seeds on both databases must give the same traces. */
async function compare(seeds: number): Promise<boolean> {
  return withBackend(true, (real) =>
    withBackend(false, async (memory) => {
      for (let seed = Date.now() % 1_000_000, n = 0; n < seeds; n++, seed++) {
        const [one, other] = [await simulate(planOf(seed), memory), await simulate(planOf(seed), real)];
        const at = one.trace.findIndex((line, index) => line !== other.trace[index]);
        if (at < 0 && one.trace.length === other.trace.length) continue;
        say(
          `✗ seed ${seed}: the databases disagree at line ${at}:\n  memory: ${one.trace[at]}\n  mongod: ${other.trace[at]}`,
        );
        return false;
      }
      say(`${seeds} seeds gave the same traces in memory and on mongod`);
      return true;
    }),
  );
}

async function once(backend: Backend): Promise<boolean> {
  const outcome = await simulate(planOf(Number(values.seed)), backend);
  if (values.trace) for (const line of outcome.trace) say(line);
  say(outcome.failure === undefined ? `Nothing found in ${outcome.steps} steps.` : `✗ ${outcome.failure}`);
  return outcome.failure === undefined;
}

const run = (): Promise<boolean> | boolean => {
  if (values.help) {
    say(USAGE);
    return true;
  }
  if (values.mutants) return hunt();
  if (values.compare !== undefined) return compare(Number(values.compare));
  return withBackend(values['real-mongod'], values.seed !== undefined ? once : explore);
};
process.exit((await run()) ? 0 : 1);
