import type { Answered, Crowd } from './crowd.ts';
import type { Fairness, Share } from './fairness.ts';
import { median, quantile } from './load.ts';
import { type Overload, peakOf, type Step } from './overload.ts';
import { count, percent, table } from './report.ts';
import type { Steady } from './steady.ts';
import type { Streams } from './streams.ts';

const whole = (value: number) => (Number.isNaN(value) ? '–' : count(value));

const row = (name: string, { offered, completed, accepted, refusals, refused, stranded }: Step) => [
  name,
  offered.toFixed(0),
  completed.toFixed(1),
  `${whole(quantile(accepted, 0.5))} / ${whole(quantile(accepted, 0.99))}`,
  percent(refusals.length / (accepted.length + refusals.length)),
  `${count(refused)} / ${count(stranded)}`,
  `${whole(quantile(refusals, 0.5))} / ${whole(quantile(refusals, 0.99))}`,
];

/** What the suite completes when more and more want to buy. */
export const overloadTable = (results: readonly Overload[]): string =>
  [
    table(
      [
        'purchases',
        'offered per second',
        'completed per second',
        'accepted requests p50 / p99 ms',
        'refused requests',
        'buyers refused at the start / at the payment',
        'refusal p50 / p99 ms',
      ],
      results.flatMap(({ shape, rising, rounds }) => [
        ...rising.map((step) => row(`\`${shape}\`, rising`, step)),
        ...rounds.flatMap(({ sustained, over }, round) => [
          row(`\`${shape}\`, round ${round + 1}: its peak`, sustained),
          row(`\`${shape}\`, round ${round + 1}: three times that`, over),
        ]),
      ]),
    ),
    ...results.map(({ shape, rising, rounds }) => {
      const ratios = rounds.map(({ sustained, over }) => over.completed / sustained.completed);
      return `\`${shape}\`: the peak is ${peakOf(rising).toFixed(1)} purchases a second; under three times as many it completes ${percent(median(ratios))} (${ratios.map(percent).join(', ')}) of what it completes at its peak in the same round. Aim: ≥ 95 %.`;
    }),
  ].join('\n\n');

export const steadyTable = (results: readonly Steady[], minutes: number): string =>
  table(
    [`process, ${minutes} minutes`, 'MB at half-time', 'MB at the end', 'MB per minute, second half', 'aim'],
    results.map(({ process, middle, end, slope }) => [
      process,
      middle.toFixed(0),
      end.toFixed(0),
      slope.toFixed(2),
      '≤ 1',
    ]),
  );

export const streamsTable = ({
  readers,
  rate,
  changes,
  complete,
  p50,
  p99,
  cpu,
  mb,
  slow,
}: Streams): string =>
  [
    table(
      [
        'streams',
        'changes per second',
        'saw all',
        'p50 / p99 ms',
        'aim',
        'cores: `tickets`',
        'mongod',
        'readers',
        'MB',
      ],
      [
        [
          count(readers),
          String(rate),
          `${count(complete)} of ${count(readers)} saw ${count(changes)}`,
          `${p50} / ${p99}`,
          'p99 ≤ 500',
          cpu.process.toFixed(2),
          cpu.mongod.toFixed(2),
          cpu.generator.toFixed(2),
          mb.toFixed(0),
        ],
      ],
    ),
    `Of ${slow.readers} readers that read nothing, ${slow.dropped} were dropped; meanwhile p99 of the others was ${slow.p99} ms, at 200 changes a second of 2 kB.`,
  ].join('\n\n');

/** What a crowd without pauses is answered. */
export const crowdTable = (results: readonly Crowd[]): string => {
  const cells = (name: string, { perSecond, p50, p99, statuses }: Answered) => [
    name,
    perSecond.toFixed(0),
    `${p50.toFixed(0)} / ${p99.toFixed(0)}`,
    [...statuses].map(([status, times]) => `${count(times)} × ${status}`).join(', '),
  ];
  return table(
    ['none of whom pauses', 'served per second', 'p50 / p99 ms', 'answers'],
    results.flatMap(({ shape, buyers, seller }) => [
      cells(`\`${shape}\`: 200 buyers at 50 tickets`, buyers),
      cells(`\`${shape}\`: a seller brings 1,000 tickets, 32 at a time`, seller),
    ]),
  );
};

export const fairnessTable = ({ alone, beside, greedy }: Fairness): string => {
  const cells = (name: string, { rate, refused, p50, p99 }: Share) => [
    name,
    rate.toFixed(0),
    count(refused),
    `${p50.toFixed(1)} / ${p99.toFixed(1)}`,
  ];
  return [
    table(
      ['50 users, 100 requests a second together', 'served per second', 'refused', 'p50 / p99 ms'],
      [cells('alone', alone), cells('beside one with 200 requests in flight', beside)],
    ),
    `The greedy one was served ${count(greedy.served)} times a second and refused ${count(greedy.refused)} times.`,
  ].join('\n\n');
};
