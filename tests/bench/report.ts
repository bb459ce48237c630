import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { BUYERS, type Contended } from './contended.ts';
import type { Result, Round } from './duel.ts';
import { median, quantile } from './load.ts';
import type { Latency } from './latency.ts';
import type { Memory } from './memory.ts';

const of = (rounds: readonly Round[], key: keyof Round) => median(rounds.map((round) => round[key]));
export const count = (value: number) => Math.round(value).toLocaleString('en');
export const percent = (value: number) => `${Math.round(value * 100)} %`;
const ms = (value: number) => value.toFixed(2);

export const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/** What each path reaches of its floor, pair by pair. */
export function speed(results: readonly Result[]): string {
  const head = [
    'path (process)',
    'per second',
    'floor',
    'reached, median (least – most)',
    'by CPU',
    'aim',
    'p50 / p99 ms',
    'floor',
    'CPU ms',
    'floor',
    'mongod ms',
    'floor',
  ];
  const rows = results.map(({ path, shape, aim, suite, against }) => {
    const ratios = suite.map(({ rate }, pair) => rate / (against[pair]?.rate ?? NaN));
    const both = (write: (rounds: readonly Round[]) => string) => [write(suite), write(against)];
    return [
      `${path} (\`${shape}\`)`,
      ...both((rounds) => count(of(rounds, 'rate'))),
      `${percent(median(ratios))} (${percent(Math.min(...ratios))} – ${percent(Math.max(...ratios))})`,
      percent(of(against, 'cpu') / of(suite, 'cpu')),
      `≥ ${percent(aim)}`,
      ...both((rounds) => `${ms(of(rounds, 'p50'))} / ${ms(of(rounds, 'p99'))}`),
      ...both((rounds) => ms(of(rounds, 'cpu'))),
      ...both((rounds) => ms(of(rounds, 'mongod'))),
    ];
  });
  const floors = results.map(({ path, floor }) => `- ${path}: ${floor}`);
  return [table(head, rows), '', 'The floors’ own work:', '', ...floors].join('\n');
}

export const contention = ({ winners, losers, operations }: Contended): string =>
  [
    table(
      [`one ticket after the other, ${BUYERS} buyers each`, 'answers', 'p50 ms', 'p99 ms'],
      [
        ['won, 201', count(winners.count), ms(winners.p50), ms(winners.p99)],
        ['lost, 409', count(losers.count), ms(losers.p50), ms(losers.p99)],
      ],
    ),
    '',
    `Reads and inserts of the database for each answer: ${operations.toFixed(2)} (aim ≤ 2 for who loses).`,
  ].join('\n');

/** One at a time: how long a purchase takes, and an event's way to another service. */
export const latencies = (measured: readonly Latency[]): string => {
  const told = (times: readonly number[]) => `${ms(median(times))} / ${ms(quantile(times, 0.99))}`;
  const times = (values: readonly number[], of: number) =>
    `${(median(values) / of).toFixed(1)} × / ${(quantile(values, 0.99) / of).toFixed(1)} ×`;
  return table(
    [
      'one at a time, p50 / p99 ms',
      'a write of the floor',
      'from the click to `complete`',
      'of which the provider’s stand-in',
      'without it, as floor writes',
      'aim',
      'from 201 to the other service',
      'aim',
    ],
    measured.map(({ shape, write, purchase, provider, effect }) => {
      const ours = purchase.map((value, index) => value - (provider[index] ?? 0));
      return [
        shape,
        told(write),
        told(purchase),
        told(provider),
        times(ours, median(write)),
        '≤ 10 × / 30 ×',
        told(effect),
        '≤ 20 / 100',
      ];
    }),
  );
};

export const memories = (weights: readonly Memory[]): string =>
  table(
    ['process', 'processor until ready, s', 'aim', 'idle MB', 'aim', 'most under load MB', 'aim'],
    weights.map(({ process, start, idle, loaded, aim }) => [
      process,
      start.toFixed(2),
      process === 'monolith' ? '–' : '≤ 1',
      idle.toFixed(0),
      `≤ ${aim[0]}`,
      loaded.toFixed(0),
      `≤ ${aim[1]}`,
    ]),
  );

/** What it was measured on; the median of noise is noise, so the load of the machine before the start is said too. */
export function machine(mongod: string, busy: number, how: string, command = 'npm run bench'): string {
  const [first] = cpus();
  const version = execFileSync(mongod, ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';
  return [
    `Measured ${new Date().toISOString().slice(0, 10)} by \`${command}\`, ${how}, on ${cpus().length} cores of ${first?.model ?? 'an unknown processor'},`,
    `${(totalmem() / 2 ** 30).toFixed(0)} GB, Node ${process.version}, ${version}; servers, mongod and the load generator share the machine.`,
    `The load average before it began was ${busy.toFixed(1)}.`,
  ].join('\n');
}

/** Puts the results between the markers of this name of a page of docs/. */
export async function write(text: string, marker = 'bench', page = 'performance.md'): Promise<void> {
  const path = join(import.meta.dirname, '../../docs', page);
  const old = await readFile(path, 'utf8');
  const between = new RegExp(`(<!-- ${marker} -->\\n)[\\s\\S]*(<!-- /${marker} -->)`);
  if (!between.test(old)) throw new Error(`docs/${page} has no <!-- ${marker} --> and its end`);
  await writeFile(
    path,
    old.replace(between, (_all, begin: string, end: string) => `${begin}\n${text}\n\n${end}`),
  );
}
