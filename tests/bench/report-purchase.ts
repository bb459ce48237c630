import { execFileSync } from 'node:child_process';
import { median, quantile } from './load.ts';
import type { Measured, Purchases, Round } from './purchase.ts';
import type { Load } from './purchase-parts.ts';
import type { Counts } from './purchase-suite.ts';
import { percent, table } from './report.ts';

/** Issue's aims in milliseconds, beside what was measured of the first commit when they were set, at 8 in flight. */
interface Aim {
  then: number;
  at8: number;
  saturated: number;
}
const AIMS: Record<string, Aim> = {
  'purchase memory': { then: 41, at8: 20, saturated: 9 },
  'purchase sandbox': { then: 61, at8: 24, saturated: 12 },
  'reservation memory': { then: 4.65, at8: 2.5, saturated: 1.5 },
  'edit memory': { then: 2.55, at8: 1.2, saturated: 0.9 },
  'offer memory': { then: 1.15, at8: 0.9, saturated: 0.6 },
};
const NAMES: Record<string, string> = {
  'purchase memory': 'a purchase, stand-in in memory',
  'purchase sandbox': 'a purchase, local sandbox',
  'reservation memory': 'a reservation',
  'edit memory': 'a seller’s edit',
  'offer memory': 'a ticket put on sale',
  'look memory': 'a ticket by id',
  'list memory': 'a list of 50',
};
const keyOf = ({ part, provider }: Load) => `${part} ${provider}`;

const of = (rounds: readonly Round[] | undefined, group: keyof Counts, name: string) =>
  rounds === undefined ? NaN : median(rounds.map(({ each }) => each[group][name] ?? NaN));
const namesIn = (rounds: readonly Round[], group: keyof Counts) => [
  ...new Set(rounds.flatMap(({ each }) => Object.keys(each[group]))),
];

/** All processes and engines; what stands in for Stripe in memory is nobody's, the sandbox is. */
const total = (rounds: readonly Round[] | undefined, provider: Load['provider']) =>
  rounds === undefined
    ? NaN
    : median(
        rounds.map(({ each }) =>
          Object.entries(each.cpu)
            .filter(([name]) => name !== 'provider' || provider === 'sandbox')
            .reduce((sum, [, ms]) => sum + ms, 0),
        ),
      );

const ms = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(value < 10 ? 2 : 1));
const whole = (value: number) => (Number.isNaN(value) ? '–' : percent(value));
const each = (...values: readonly number[]) =>
  values.map((value) => (Number.isNaN(value) ? '–' : Math.abs(value).toFixed(1))).join(' / ');

/** The tables of both shapes; `beside` is the folder of another checkout. */
export function purchaseTables(results: readonly Purchases[], beside: string | undefined): string {
  const before = beside === undefined ? 'beside' : `\`${commitOf(beside)}\``;
  return results
    .flatMap(({ shape, measured, signingIn }) => [
      `### As ${shape === 'monolith' ? 'one process' : 'services'}`,
      costs(measured, before),
      counts(measured, before),
      others(measured, signingIn, before),
    ])
    .join('\n\n');
}

const commitOf = (folder: string) =>
  execFileSync('git', ['-C', folder, 'rev-parse', '--short=7', 'HEAD'], { encoding: 'utf8' }).trim();

const costs = (measured: readonly Measured[], before: string) =>
  table(
    [
      'CPU ms of an operation, all processes and engines',
      'in flight',
      'this suite',
      before,
      'the floor',
      `of ${before} at 8`,
      'aim',
      'of which',
    ],
    measured.map((one) => {
      const { provider, inFlight, sides } = one;
      const suite = total(sides['suite'], provider);
      const at8 = measured.find((it) => keyOf(it) === keyOf(one) && it.inFlight === 8);
      const then = total(at8?.sides['beside'], provider);
      return [
        NAMES[keyOf(one)] ?? keyOf(one),
        String(inFlight),
        ms(suite),
        ms(total(sides['beside'], provider)),
        ms(total(sides['floor'], provider)),
        whole(suite / then),
        aimOf(AIMS[keyOf(one)], inFlight),
        parts(sides['suite'] ?? []),
      ];
    }),
  );

/** In milliseconds as it was set, and of what was measured then: machines differ, their ratio less so. */
const aimOf = (aim: Aim | undefined, inFlight: number) => {
  if (aim === undefined || inFlight < 8) return '–';
  const most = inFlight < 32 ? aim.at8 : aim.saturated;
  return `≤ ${most} (${percent(most / aim.then)})`;
};

const parts = (rounds: readonly Round[]) =>
  namesIn(rounds, 'cpu')
    .map((name) => [name, of(rounds, 'cpu', name)] as const)
    .filter(([, value]) => value >= 0.05)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, value]) => `${name} ${ms(value)}`)
    .join(', ');

const COUNTED = [
  ['commands', 'find'],
  ['commands', 'insert'],
  ['commands', 'update'],
  ['commands', 'bulkWrite'],
  ['database', 'writes'],
  ['database', 'syncs'],
  ['messages', 'told'],
  ['messages', 'delivered'],
] as const;

const counts = (measured: readonly Measured[], before: string) =>
  table(
    [
      `of an operation: this suite / ${before} / the floor`,
      'in flight',
      'finds',
      'inserts',
      'updates',
      'bulk writes',
      'documents written',
      'journal syncs',
      'messages',
      'deliveries',
    ],
    measured
      .filter(({ part }) => part !== 'look' && part !== 'list')
      .map((one) => [
        NAMES[keyOf(one)] ?? keyOf(one),
        String(one.inFlight),
        ...COUNTED.map(([group, name]) =>
          each(...['suite', 'beside', 'floor'].map((side) => of(one.sides[side], group, name))),
        ),
      ]),
  );

/** What is not a total. */
function others(measured: readonly Measured[], signingIn: Record<string, number>, before: string): string {
  const rows: string[][] = [];
  const find = (part: string, provider: string, inFlight: number) =>
    measured.find((it) => keyOf(it) === `${part} ${provider}` && it.inFlight === inFlight)?.sides ?? {};
  for (const provider of ['memory', 'sandbox']) {
    const sides = find('purchase', provider, 1);
    const told = (side: string) => {
      const times = (sides[side] ?? []).flatMap(({ paying }) => paying);
      return times.length === 0 ? '–' : `${ms(median(times))} / ${ms(quantile(times, 0.99))}`;
    };
    const name = `from the 201 of an order to that of its payment, one at a time, p50 / p99 ms, ${provider}`;
    rows.push([name, told('suite'), told('beside'), '≤ 12 / 40']);
  }
  for (const inFlight of [8, 32]) {
    const sides = find('purchase', 'sandbox', inFlight);
    const share = (side: string) => whole(of(sides[side], 'cpu', 'provider') / total(sides[side], 'sandbox'));
    rows.push([
      `the sandbox’s process, of a purchase, ${inFlight} in flight`,
      share('suite'),
      share('beside'),
      '≤ 10 %',
    ]);
  }
  for (const part of ['look', 'list'] as const) {
    const sides = find(part, 'memory', 32);
    const share = (side: string) =>
      whole(of(sides[side], 'cpu', 'origin') / of(sides[side], 'cpu', 'tickets'));
    rows.push([
      `the origin beside the service, ${NAMES[`${part} memory`]}`,
      share('suite'),
      share('beside'),
      '≤ 33 %',
    ]);
  }
  const held = (side: string) => signingIn[side]?.toFixed(0) ?? '–';
  rows.push([
    'most memory while many sign in, MB',
    held('suite'),
    held('beside'),
    '≤ 200, one process ≤ 250',
  ]);
  const known = rows.filter(([, suite]) => suite !== '–');
  return table(['besides', 'this suite', before, 'aim'], known);
}
