import { load } from '../load.ts';
import { dice, type Dice } from '../simulation/random.ts';
import { FAULTS } from './faults.ts';
import { acknowledges, type Ground } from './ground.ts';
import { watch } from './signs.ts';
import { type Verdict, verdict } from './verdict.ts';

/** What may go wrong: these together, or one to three that the seed draws. */
export type Plan = { seed: number } & ({ faults: readonly string[] } | { among: readonly string[] });

export interface Episode {
  seed: number;
  faults: readonly string[];
  requests: number;
  writes: number;
  refused: number;
  verdict: Verdict;
}

export const holds = ({ verdict }: Episode): boolean =>
  Object.values(verdict).every((lines) => lines.length === 0);

/** Of the origin, or of no server at all. */
const NOBODY_THERE = /starting again|ECONN|other side closed|fetch failed/;

const draw = (random: Dice, among: readonly string[]) => {
  const together = random.pick([1, 2, 2, 3]) ?? 1;
  // Of each kind one: two would strike the same engine, and wait for each other.
  const faults = new Map<string, string>();
  for (let n = 0; n < together; n++) {
    const name = random.pick(among) ?? '';
    faults.set(FAULTS[name]?.kind ?? '', name);
  }
  return [...faults.values()];
};

/**
 * One seed: the load sets in, what the seed says goes wrong, all heals, and the verdict is taken when the suite has come
 * to rest, after `rest` milliseconds at most.
 */
export async function episode(
  ground: Ground,
  plan: Plan,
  { people, rest }: { people: number; rest?: number },
): Promise<Episode> {
  const random = dice(plan.seed);
  const fate = random.fork();
  const faults = 'faults' in plan ? plan.faults : draw(fate, plan.among);
  const pressure = await load(ground.suite, people, { readers: 2, random: random.fork() });
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
    const held = await verdict(ground, pressure, rest);
    const [only, ...others] = faults;
    const alone = only !== undefined && others.length === 0 ? FAULTS[only] : undefined;
    const away = alone?.seamless ? refusals.filter(({ how }) => NOBODY_THERE.test(how)) : [];
    const said = {
      ...held,
      'what goes wrong comes to its end': failures,
      'an operator is told of it': operator.missing(alone?.sign ?? {}),
      'who ends gently turns nobody away': away.map(({ how }) => how),
    };
    return { seed: plan.seed, faults, requests, writes, refused: refusals.length, verdict: said };
  } finally {
    await Promise.all([pressure.close(), operator.close()]);
    for (const end of endings) await end();
  }
}
