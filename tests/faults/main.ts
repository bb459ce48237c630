import { parseArgs } from 'node:util';
import { load } from '../load.ts';
import { dice } from '../simulation/random.ts';
import { FAULTS, type Fault } from './faults.ts';
import { acknowledges, type Ground, openGround } from './ground.ts';
import { watch } from './signs.ts';
import { type Verdict, verdict } from './verdict.ts';

const KINDS = [...new Set(Object.values(FAULTS).map(({ kind }) => kind))];
const USAGE = `Usage: npm run test:faults -- [options]
  --minutes N      every fault alone, then fresh seeds, for so long (10)
  --seeds A,B,…    these seeds, each once
  --short          the fixed seeds of .ci/run
  --kinds A,B,…    only faults of ${KINDS.join(', ')}
  --fault NAME     only this fault
  --people N       who make the load (12)`;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    minutes: { ...text, default: '10' },
    seeds: text,
    short: { type: 'boolean', default: false },
    kinds: text,
    fault: text,
    people: { ...text, default: '12' },
    help: { type: 'boolean', default: false },
  },
});
const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};
const begun = Date.now();
const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(0)} s`;

const SHORT = [1, 2, 3, 4, 5, 6];
const names = Object.keys(FAULTS).filter((name) => {
  const { kind, long } = FAULTS[name] as Fault;
  return (
    (values.kinds?.split(',').includes(kind) ?? true) &&
    name === (values.fault ?? name) &&
    !(values.short && long)
  );
});
if (names.length === 0)
  throw new Error(`There is no such fault; there are:\n${Object.keys(FAULTS).join('\n')}`);

interface Plan {
  seed: number;
  /** What may go wrong: one of them alone, or two or three that overlap. */
  among: readonly string[];
}

const drawn = ({ seed, among }: Plan) => {
  const random = dice(seed);
  const together = random.pick([1, 2, 2, 3]) ?? 1;
  // Of each kind one: two would strike the same engine, and wait for each other.
  const faults = new Map<string, string>();
  for (let n = 0; n < together; n++) {
    const name = random.pick(among) ?? '';
    faults.set(FAULTS[name]?.kind ?? '', name);
  }
  return { random, faults: [...faults.values()] };
};

function* plans(): Generator<Plan> {
  const fixed = values.seeds?.split(',').map(Number) ?? (values.short ? SHORT : undefined);
  if (fixed) return yield* fixed.map((seed) => ({ seed, among: names }));
  let seed = begun % 1_000_000;
  const inTime = () => Date.now() - begun < Number(values.minutes) * 60_000;
  for (const name of names) if (inTime()) yield { seed: seed++, among: [name] };
  while (inTime()) yield { seed: seed++, among: names };
}

interface Episode {
  faults: readonly string[];
  requests: number;
  writes: number;
  refused: number;
  verdict: Verdict;
}

/** One seed: the load sets in, what the seed says goes wrong, all heals, and the verdict is taken. */
async function episode(ground: Ground, plan: Plan): Promise<Episode> {
  const { random, faults } = drawn(plan);
  const pressure = await load(ground.suite, Number(values.people), { readers: 2, random: random.fork() });
  const operator = watch(ground);
  const failures: string[] = [];
  const endings: (() => Promise<void>)[] = [];
  try {
    await acknowledges(pressure, 60);
    await Promise.all(
      faults.map(async (name) => {
        const dice = random.fork();
        try {
          const end = await FAULTS[name]?.strike(ground, dice, pressure);
          if (end) endings.push(end);
        } catch (error) {
          failures.push(`${name}: ${String(error)}`);
        }
      }),
    );
    await acknowledges(pressure, 60).catch(() => failures.push('the suite acknowledges nothing any more'));
    await pressure.stop();
    const { requests, writes, refusals } = pressure.acknowledged;
    const held = await verdict(ground, pressure);
    const [only, ...others] = faults;
    const sign = only !== undefined && others.length === 0 ? FAULTS[only]?.sign : undefined;
    const said = {
      ...held,
      'what goes wrong comes to its end': failures,
      'an operator is told of it': operator.missing(sign ?? {}),
    };
    return { faults, requests, writes, refused: refusals.length, verdict: said };
  } finally {
    await Promise.all([pressure.close(), operator.close()]);
    for (const end of endings) await end();
  }
}

const holds = (said: Verdict) => Object.values(said).every((lines) => lines.length === 0);

function tell({ seed, among }: Plan, since: number, { faults, requests, writes, refused, verdict }: Episode) {
  say(`${holds(verdict) ? '✓' : '✗'} seed ${seed}: ${faults.join(' + ')}`);
  say(`    ${requests} requests, ${writes} writes acknowledged, ${refused} refused (${seconds(since)})`);
  if (!holds(verdict)) {
    const only = among.length === 1 ? ` --fault '${among[0]}'` : '';
    say(`    again: npm run test:faults -- --seeds ${seed}${only}`);
  }
  for (const [invariant, lines] of Object.entries(verdict)) {
    for (const line of lines.slice(0, 10)) say(`    ${invariant}: ${line}`);
    if (lines.length > 10) say(`    ${invariant}: ${lines.length - 10} more`);
  }
}

function summary(episodes: readonly Episode[]): boolean {
  const total = (of: (one: Episode) => number) => episodes.reduce((sum, one) => sum + of(one), 0);
  say(`\n${episodes.length} episodes in ${seconds(begun)}`);
  say(
    `load: ${total(({ requests }) => requests)} requests of ${values.people} people, ` +
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
  const failed = episodes.filter((one) => !holds(one.verdict)).length;
  say(`\n${episodes.length - failed} passed, ${failed} failed`);
  return failed === 0 && episodes.length > 0;
}

async function run(): Promise<boolean> {
  const ground = await openGround();
  say(`the suite runs: two processes of each service, three members of MongoDB (${seconds(begun)})`);
  const episodes: Episode[] = [];
  try {
    for (const plan of plans()) {
      const since = Date.now();
      const one = await episode(ground, plan);
      episodes.push(one);
      tell(plan, since, one);
    }
  } catch (error) {
    say(`\nThe last that the suite said:\n${ground.suite.output().slice(-3000)}`);
    throw error;
  } finally {
    await ground.stop();
  }
  return summary(episodes);
}

if (values.help) say(USAGE);
else process.exitCode = (await run()) ? 0 : 1;
