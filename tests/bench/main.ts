import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { resolveBinary } from '@ticketing/local/engines/resolve';
import { startMongod } from '@ticketing/local/engines/run';
import { contended } from './contended.ts';
import { duel, type Result } from './duel.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { PATHS } from './paths.ts';
import { contention, latencies, machine, memories, speed, write } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '1.5' },
    pairs: { type: 'string', default: '9' },
    write: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const pairs = Number(values.pairs);
const busy = loadavg()[0] ?? 0;
const known = [...Object.keys(PATHS), 'contended', 'latency', 'memory'];
const unknown = positionals.find((name) => !known.includes(name));
if (unknown !== undefined) throw new Error(`There is no path ${unknown}; there are ${known.join(', ')}`);
const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);

const results: Result[] = [];
const parts: string[] = [];
const mongod = await startMongod();
const ground = { mongoUrl: mongod.url };
try {
  for (const [name, path] of Object.entries(PATHS).filter(([name]) => wanted(name))) {
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
    memories([...(await memory('start', seconds * 6)), ...(await memory('start:services', seconds * 6))]),
  );
}
const { path: binary } = await resolveBinary('mongod', {});
const text = [machine(binary, busy, `${pairs} pairs of ${seconds} s`), ...parts].join('\n\n');
console.log(text);
if (values.write) await write(text);
