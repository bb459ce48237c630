import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { resolveBinary } from '@ticketing/engines/resolve';
import { startMongod } from '@ticketing/engines/run';
import { type Shape, SHAPES } from '../suite.ts';
import { backlog } from './backlog.ts';
import { contended } from './contended.ts';
import { duel, type Result } from './duel.ts';
import { eventPage } from './event-page.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { PATHS } from './paths.ts';
import { contention, latencies, machine, memories, speed, write } from './report.ts';
import { backlogs, scalings } from './report-scaling.ts';
import { purchases } from './purchase.ts';
import { PART_NAMES, PARTS_AND_PROVIDERS } from './purchase-parts.ts';
import { purchaseTables } from './report-purchase.ts';
import { sales } from './report-sale.ts';
import { sale } from './sale.ts';
import type { SaleShape } from './sale-sides.ts';
import { replays, reservations } from './scaling.ts';

const ALL = { ...PATHS, event: eventPage };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '1.5' },
    pairs: { type: 'string', default: '9' },
    write: { type: 'boolean', default: false },
    beside: { type: 'string' },
    shape: { type: 'string', multiple: true },
    'in-flight': { type: 'string', multiple: true, default: ['1', '8', '32', '64'] },
    places: { type: 'string', default: '50000' },
    'per-second': { type: 'string', default: '2000' },
    paid: { type: 'string', default: '1000' },
    part: { type: 'string', multiple: true, default: PART_NAMES },
  },
});
const seconds = Number(values.seconds);
const pairs = Number(values.pairs);
/** Of what takes longer than a pair. */
const rounds = Math.ceil(pairs / 3);
const busy = loadavg()[0] ?? 0;
const known = [
  ...Object.keys(ALL),
  'contended',
  'backlog',
  'scaling',
  'latency',
  'memory',
  'purchase',
  'sale',
];
const unknown = positionals.find((name) => !known.includes(name));
if (unknown !== undefined) throw new Error(`There is no path ${unknown}; there are ${known.join(', ')}`);
const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);

const results: Result[] = [];
const parts: string[] = [];
let scaling: string | undefined;
const mongod = await startMongod();
const ground = { mongoUrl: mongod.url, mongod: mongod.pid };
try {
  for (const [name, path] of Object.entries(ALL).filter(([name]) => wanted(name))) {
    console.error(`${name} …`);
    const { contest, stop } = await path(ground);
    try {
      results.push(await duel(contest, { pairs, seconds, mongod: mongod.pid }));
    } finally {
      await stop();
    }
  }
  if (results.length > 0) parts.push(speed(results));
  if (wanted('contended')) parts.push(contention(await contended(ground, seconds * 4)));
  if (wanted('backlog')) {
    console.error('backlog …');
    parts.push(backlogs(await backlog(ground, rounds, 20_000)));
  }
  if (wanted('scaling')) {
    console.error('scaling …');
    scaling = scalings(await reservations(ground, rounds, seconds * 2), await replays(ground, rounds));
  }
} finally {
  await mongod.stop();
}
if (wanted('latency')) {
  const measured = [];
  for (const shape of ['monolith', 'services'] as const) {
    console.error(`latency, ${shape} …`);
    measured.push(await latency(shape, 200));
  }
  parts.push(latencies(measured));
}
if (wanted('memory')) {
  console.error('memory …');
  parts.push(
    memories([...(await memory('monolith', seconds * 6)), ...(await memory('services', seconds * 6))]),
  );
}
let bought: string | undefined;
if (wanted('purchase')) {
  const loads = PARTS_AND_PROVIDERS.filter(([part]) => values.part.includes(part)).flatMap(
    ([part, provider]) =>
      values['in-flight'].map((inFlight) => ({ part, provider, inFlight: Number(inFlight) })),
  );
  const measured = [];
  for (const shape of values.shape ?? Object.keys(SHAPES)) {
    console.error(`purchase, ${shape} …`);
    measured.push(await purchases(shape as Shape, { beside: values.beside, loads, rounds, seconds }));
  }
  bought = purchaseTables(measured, values.beside);
}
let sold: string | undefined;
if (wanted('sale')) {
  const places = Number(values.places);
  const standing = Math.round(places / 1000) * 200;
  const size = { seats: places - standing, standing };
  const how = { ...size, perSecond: Number(values['per-second']), paid: Number(values.paid), longest: 400 };
  const measured = [];
  for (const shape of values.shape ?? ['orders', ...Object.keys(SHAPES)]) {
    console.error(`sale, ${shape} …`);
    const one = await sale(shape as SaleShape, { ...how, seconds: seconds * 2 });
    for (const [said, times] of one.crowd.odd) console.error(`  ${times} × ${said}`);
    measured.push(one);
  }
  sold = sales(measured);
}
const { path: binary } = await resolveBinary('mongod', {});
const page = (how: string, ...tables: string[]) => [machine(binary, busy, how), ...tables].join('\n\n');
const told = async (text: string, document: string, marker = 'bench') => {
  console.log(text);
  if (values.write) await write(text, marker, document);
};
if (parts.length > 0) await told(page(`${pairs} pairs of ${seconds} s`, ...parts), 'performance.md');
if (scaling !== undefined) await told(page(`${rounds} rounds of each`, scaling), 'scaling.md');
if (bought !== undefined)
  await told(page(`${rounds} rounds of ${seconds} s`, bought), 'performance.md', 'purchase');
if (sold !== undefined)
  await told(page(`${values['per-second']} groups a second`, sold), 'performance.md', 'sale');
