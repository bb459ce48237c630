import { parseArgs } from 'node:util';
import { type Episode, episode, holds, type Plan } from './episode.ts';
import { FAULTS } from './faults.ts';
import { type Ground, openGround } from './ground.ts';
import { MUTANTS } from './mutants.ts';

const KINDS = [...new Set(Object.values(FAULTS).map(({ kind }) => kind))];
const USAGE = `Usage: npm run test:faults -- [options]
  --minutes N      every fault alone, then fresh seeds, for so long (10)
  --alone          every fault alone, again and again
  --short          what .ci/run does: fixed seeds, every kind of fault
  --seeds A,B,…    these seeds, each once
  --kinds A,B,…    only faults of ${KINDS.join(', ')}
  --fault NAME     this fault; more than one strike together
  --people N       who make the load (12)
  --mutants        plants defects, each of which must turn the verdict red`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({
  options: {
    minutes: { ...text, default: '10' },
    alone: flag,
    short: flag,
    seeds: text,
    kinds: text,
    fault: { ...text, multiple: true },
    people: { ...text, default: '12' },
    mutants: flag,
    help: flag,
  },
});
const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};
const begun = Date.now();
const people = Number(values.people);
const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(0)} s`;

/** Every kind of fault at least once, in two minutes or so. */
const SHORT: readonly (readonly string[])[] = [
  ['killed after a change, before its publication', "Stripe's answers are lost"],
  ['killed after the charge, before its record', 'Redis comes back empty'],
  ["killed after a handler's write, before its acknowledgement", 'the broker comes back empty'],
  ['the primary is killed', 'webhooks come in another order'],
  ['the next version runs beside this one', 'the bus repeats, reorders and delays'],
  ['a process is killed'],
];

const names = Object.keys(FAULTS).filter(
  (name) => values.kinds?.split(',').includes(FAULTS[name]?.kind ?? '') ?? true,
);
const unknown = [...SHORT.flat(), ...(values.fault ?? [])].filter((name) => !(name in FAULTS));
if (names.length === 0 || unknown.length > 0)
  throw new Error(`There is no such fault; there are:\n${Object.keys(FAULTS).join('\n')}`);

function* plans(): Generator<Plan> {
  if (values.short) return yield* SHORT.map((faults, index) => ({ seed: index + 1, faults }));
  const what = values.fault ? { faults: values.fault } : { among: names };
  if (values.seeds) return yield* values.seeds.split(',').map((seed) => ({ seed: Number(seed), ...what }));
  let seed = begun % 1_000_000;
  const inTime = () => Date.now() - begun < Number(values.minutes) * 60_000;
  do {
    if (!values.fault) for (const name of names) if (inTime()) yield { seed: seed++, faults: [name] };
  } while (values.alone && inTime());
  while (inTime()) yield { seed: seed++, ...what };
}

/** What the suite said of its answers that nobody expected. */
const unexpected = ({ suite }: Ground) =>
  suite
    .output()
    .split('\n')
    .filter((line) => line.includes('"level":50') || line.includes('"level":"error"'))
    .slice(-5);

function tell(one: Episode, since: number, ground: Ground) {
  const { seed, faults, requests, writes, refused, verdict } = one;
  say(`${holds(one) ? '✓' : '✗'} seed ${seed}: ${faults.join(' + ')}`);
  say(`    ${requests} requests, ${writes} writes acknowledged, ${refused} refused (${seconds(since)})`);
  if (!holds(one))
    say(
      `    again: npm run test:faults -- --seeds ${seed} ${faults.map((name) => `--fault "${name}"`).join(' ')}`,
    );
  for (const [invariant, lines] of Object.entries(verdict)) {
    for (const line of lines.slice(0, 10)) say(`    ${invariant}: ${line}`);
    if (lines.length > 10) say(`    ${invariant}: ${lines.length - 10} more`);
  }
  if (!holds(one)) for (const line of unexpected(ground)) say(`    ${line}`);
}

function summary(episodes: readonly Episode[]): boolean {
  const total = (of: (one: Episode) => number) => episodes.reduce((sum, one) => sum + of(one), 0);
  say(`\n${episodes.length} episodes in ${seconds(begun)}`);
  say(
    `load: ${total(({ requests }) => requests)} requests of ${people} people, ` +
      `${total(({ writes }) => writes)} writes acknowledged, ${total(({ refused }) => refused)} requests refused`,
  );
  const counts = new Map<string, number>();
  for (const name of episodes.flatMap(({ faults }) => faults)) counts.set(name, (counts.get(name) ?? 0) + 1);
  say(`faults: ${total(({ faults }) => faults.length)}`);
  for (const [name, count] of [...counts].sort(([, one], [, other]) => other - one))
    say(`  ${String(count).padStart(3)} × ${name}`);
  say('invariants:');
  const invariants = new Set(episodes.flatMap((one) => Object.keys(one.verdict)));
  for (const invariant of invariants) {
    const broken = episodes.filter((one) => (one.verdict[invariant] ?? []).length > 0).length;
    say(`  ${broken === 0 ? '✓' : '✗'} ${invariant}${broken === 0 ? '' : `: broken in ${broken} episodes`}`);
  }
  const passed = episodes.filter(holds).length;
  say(`\n${passed} passed, ${episodes.length - passed} failed`);
  return passed === episodes.length && passed > 0;
}

/** Ctrl-C leaves nothing behind. */
async function open(mutant?: string): Promise<Ground> {
  const ground = await openGround(mutant);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(signal);
    process.once(signal, () => void ground.stop().finally(() => process.exit(1)));
  }
  return ground;
}

async function run(): Promise<boolean> {
  const ground = await open();
  say(`the suite runs: two processes of each service, three members of MongoDB (${seconds(begun)})`);
  const episodes: Episode[] = [];
  try {
    for (const plan of plans()) {
      const since = Date.now();
      const one = await episode(ground, plan, { people });
      episodes.push(one);
      tell(one, since, ground);
    }
  } catch (error) {
    say(`\nThe last that the suite said:\n${ground.suite.output().slice(-3000)}`);
    throw error;
  } finally {
    await ground.stop();
  }
  return summary(episodes);
}

/** Long enough for a suite without a defect, as the first of the mutants shows, in milliseconds. */
const REST = 45_000;

/** A suite of its own for each defect: the verdict must be red where the defect says, and green without one. */
async function hunt(): Promise<boolean> {
  let found = 0;
  for (const [name, { fault, breaks, rest = REST }] of Object.entries(MUTANTS)) {
    const since = Date.now();
    const ground = await open(name);
    const one = await episode(ground, { seed: 1, faults: [fault] }, { people, rest }).finally(() =>
      ground.stop(),
    );
    const red = breaks === undefined ? Object.values(one.verdict).flat() : (one.verdict[breaks] ?? []);
    const right = red.length > 0 === (breaks !== undefined);
    if (right) found += 1;
    say(`${right ? '✓' : '✗'} ${name}, ${fault}: ${red[0] ?? 'all holds'} (${seconds(since)})`);
  }
  const all = Object.keys(MUTANTS).length;
  say(`\n${found} passed, ${all - found} failed`);
  return found === all;
}

if (values.help) say(USAGE);
else process.exitCode = (await (values.mutants ? hunt() : run())) ? 0 : 1;
