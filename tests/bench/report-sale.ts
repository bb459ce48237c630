import { count, table } from './report.ts';
import { median, quantile } from './load.ts';
import type { Sold } from './sale.ts';

const ms = (value: number) => value.toFixed(value < 10 ? 2 : 1);
const part = (value: number) => `${(value * 100).toFixed(2)} %`;
const times = (values: readonly number[]) =>
  values.length === 0 ? '–' : `${ms(median(values))} / ${ms(quantile(values, 0.99))}`;
const sum = (values: Record<string, number>) => Object.values(values).reduce((a, b) => a + b, 0);
const each = (values: Record<string, number>) =>
  Object.entries(values)
    .filter(([, value]) => value >= 0.005)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, value]) => `${name} ${value.toFixed(2)}`)
    .join(', ');
const NAMES = { orders: '`orders` alone', monolith: 'one process', services: 'services' };

/** What became of each sale, one column for each. */
export function sales(sold: readonly Sold[]): string {
  const row = (name: string, aim: string, tell: (one: Sold) => string) => [name, ...sold.map(tell), aim];
  return table(
    ['a sale, sold out', ...sold.map(({ shape }) => NAMES[shape]), 'aim'],
    [
      row('load average before', '', ({ busy }) => busy.toFixed(1)),
      row('the floor: orders / places a second', '', ({ floor, places, orders }) =>
        [floor.orders, floor.orders * (places / orders)].map((n) => count(n / floor.seconds)).join(' / '),
      ),
      row(
        'the floor: CPU ms of an order',
        '',
        ({ floor }) => `client ${floor.client.toFixed(2)}, mongod ${floor.mongod.toFixed(2)}`,
      ),
      row('orders a second', '', (one) => count(one.orders / held(one))),
      row('places held a second', '≥ 5,000 alone', (one) => count(one.places / held(one))),
      row(
        'seconds until all was held',
        '≤ 15 whole',
        ({ crowd }) => crowd.soldOutAfter?.toFixed(1) ?? 'never',
      ),
      row('seconds until all had heard', '', ({ settledAfter }) => settledAfter.toFixed(1)),
      row('CPU ms of an order', '`orders` ≤ 0.5', ({ cpu }) => `${sum(cpu).toFixed(2)}: ${each(cpu)}`),
      row('of those, commands of the database', '', ({ commands }) => each(commands)),
      row('p50 / p99 ms: who got places', '', ({ crowd }) => times(crowd.times.won)),
      row('who did not', '', ({ crowd }) => times(crowd.times.lost)),
      row(
        'who was told to come back',
        '',
        ({ crowd }) => `${count(crowd.times.busy.length)}: ${times(crowd.times.busy)}`,
      ),
      row(
        'when all is sold: p50 / p99 ms',
        'p99 ≤ 50',
        ({ losers }) => `${ms(losers.p50)} / ${ms(losers.p99)}`,
      ),
      row('of those, CPU ms', '', ({ losers }) => each(losers.cpu)),
      row('of those, operations of the database', 'gathered', ({ losers }) => losers.commands.toFixed(3)),
      row('single seats, most at any moment', '≤ 0.5 %', (one) => part(one.singles)),
      row('groups torn', '≤ 1 %', (one) => part(one.torn)),
      row('sold twice', '0', ({ wrong }) => String(wrong.twice)),
      row('accounts beyond their limit', '0', ({ wrong }) => String(wrong.beyond)),
      row('answers and database differ', '0', ({ wrong }) => String(wrong.missing)),
      row(
        'places whose history no order explains',
        '0',
        ({ wrong, crowd }) =>
          `${wrong.impossible} of ${count(new Set(crowd.taken.flatMap(({ places }) => places)).size)}`,
      ),
      row(
        'wrongly told that it is sold out',
        '0',
        ({ wrong, crowd }) => `${wrong.soldOut} of ${count(crowd.soldOut.length)}`,
      ),
      row('answers that make no sense', '0', ({ crowd }) =>
        String([...crowd.odd.values()].reduce((a, b) => a + b, 0)),
      ),
      row('paid of these', '', ({ paid }) =>
        paid
          ? `${count(paid.count)}, ${count(paid.count / paid.seconds)} a second, ${paid.cpu.toFixed(1)} ms each`
          : '–',
      ),
      row('an event of 100,000 places published, p50 / p99 ms', '≤ 50', ({ published }) => times(published)),
    ],
  );
}

const held = ({ crowd, settledAfter }: Sold) => crowd.soldOutAfter ?? settledAfter;
