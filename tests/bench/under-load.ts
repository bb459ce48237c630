import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { resolveBinary } from '@ticketing/engines/resolve';
import { startMongod } from '@ticketing/engines/run';
import { type Shape, SHAPES } from '../suite.ts';
import { type Crowd, crowd } from './crowd.ts';
import { fairness } from './fairness.ts';
import { quantile } from './load.ts';
import { type Overload, overload, type Step } from './overload.ts';
import { machine, write } from './report.ts';
import { steady } from './steady.ts';
import { streams } from './streams.ts';
import { crowdTable, fairnessTable, overloadTable, steadyTable, streamsTable } from './under-load-report.ts';

// `npm run bench:load`: what the suite does with more than it can serve. Prints a report.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '8' },
    shape: { type: 'string', multiple: true, default: Object.keys(SHAPES) },
    write: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const minutes = Number(values.minutes);
const say = (line: string) => console.error(line);

/** Runs in a mongod of its own, which is thrown away. */
const grounded = async <T>(work: (ground: { mongoUrl: string }, pid: number) => Promise<T>): Promise<T> => {
  const mongod = await startMongod();
  return work({ mongoUrl: mongod.url }, mongod.pid).finally(() => mongod.stop());
};

const told = ({ offered, completed, accepted, refusals, reasons, odd }: Step) =>
  [
    `${offered.toFixed(0)} purchases a second, ${completed.toFixed(1)} completed`,
    `p99 ${quantile(accepted, 0.99).toFixed(0)} ms, ${refusals.length} refusals`,
    ...[...reasons, ...odd].map(([what, times]) => `${times} × ${what}`),
  ].join('; ');

const PARTS: Record<string, () => Promise<string>> = {
  overload: async () => {
    const tell = (what: string, step: Step) => say(`  ${what}: ${told(step)}`);
    const results: Overload[] = [];
    for (const shape of values.shape) results.push(await overload(shape as Shape, seconds, tell));
    return overloadTable(results);
  },
  memory: async () => steadyTable(await steady(minutes, (line) => say(`  ${line}`)), minutes),
  streams: async () => streamsTable(await grounded((ground, pid) => streams(ground, pid, 4 * seconds))),
  crowd: async () => {
    const results: Crowd[] = [];
    for (const shape of values.shape) results.push(await crowd(shape as Shape, seconds));
    return crowdTable(results);
  },
  fairness: async () => fairnessTable(await grounded((ground) => fairness(ground, 2 * seconds))),
};

const unknown = positionals.find((name) => !(name in PARTS));
if (unknown !== undefined)
  throw new Error(`There is no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}`);
const { path: binary } = await resolveBinary('mongod', {});
for (const [name, part] of Object.entries(PARTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  say(`${name} …`);
  const busy = loadavg()[0] ?? 0;
  const table = await part();
  const text = [table, machine(binary, busy, `part \`${name}\``, 'npm run bench:load')].join('\n\n');
  console.log(text);
  if (values.write) await write(text, name);
}
