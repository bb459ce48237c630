import type { Backlog, Drain } from './backlog.ts';
import { median } from './load.ts';
import type { Cost } from './pods.ts';
import { count, table } from './report.ts';
import type { Round, Scaling } from './scaling.ts';

const told = (values: readonly number[]) =>
  `${count(median(values))} (${count(Math.min(...values))} – ${count(Math.max(...values))})`;

const spent = (rounds: readonly Cost[]) =>
  (['service', 'mongod', 'broker'] as const).map((part) => median(rounds.map((one) => one[part])).toFixed(3));

const COSTS = ['CPU ms each: services', 'mongod', 'NATS Streaming'];

/** What was still to be announced, on its way. */
export function backlogs({ events, alone, consumed }: Backlog): string {
  const row = (what: string, drains: readonly Drain[], key: 'pulled' | 'consumed', aim: string) => [
    what,
    told(drains.map((drain) => drain[key])),
    aim,
    ...spent(drains),
  ];
  return table(
    [
      `${count(events)} changes of \`tickets\` that wait to be announced`,
      'per second (least – most)',
      'aim',
      ...COSTS,
    ],
    [
      row('published, their markers gone', alone, 'pulled', '≥ 5,000'),
      row('published, their markers gone, while `orders` consumes', consumed, 'pulled', '–'),
      row('consumed by `orders`, end to end', consumed, 'consumed', '≥ 1,500'),
    ],
  );
}

/** What more processes do for the speed, and what each unit of it costs, which does not depend on how many cores there are. */
export function scalings(reserved: Scaling, replayed: Scaling): string {
  const rows = (what: string, scaling: Scaling) => {
    const rate = (rounds: readonly Round[]) => rounds.map(({ perSecond }) => perSecond);
    const one = median(rate(scaling.get(1) ?? []));
    return [...scaling].map(([processes, rounds]) => [
      what,
      String(processes),
      told(rate(rounds)),
      `${(median(rate(rounds)) / one).toFixed(2)} ×`,
      ...spent(rounds),
    ]);
  };
  return table(
    ['', 'processes of `orders`', 'per second, median (least – most)', 'of one', ...COSTS],
    [...rows('reservations', reserved), ...rows('a replayed event log', replayed)],
  );
}
