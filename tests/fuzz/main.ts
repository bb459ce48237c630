import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { visitor } from '@ticketing/suite/api';
import { seed as fill } from '@ticketing/suite/seed';
import { type Shape, SHAPES, startSuite } from '../suite.ts';
import { fuzz, schemathesis } from './schemathesis.ts';
import { cutStreams } from './streams.ts';

const USAGE = `Usage: npm run fuzz -- [options]
  --shape NAME     monolith or services; both when left out
  --service NAME   users, events, tickets, orders, payments or admissions; all when left out
  --seed N         another seed than 1
  --fresh          a seed that nobody tried
  --examples N     cases of each operation besides those that its schema names (50)
  --short          what .ci/run does: services, signed in, 10 examples`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({
  options: { shape: text, service: text, seed: text, fresh: flag, examples: text, short: flag, help: flag },
});
const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

const LOGS = join(import.meta.dirname, '../../.local/fuzz');
const SERVICES = ['users', 'events', 'tickets', 'orders', 'payments', 'admissions'];
const one = <T extends string>(name: T | undefined, all: readonly T[], otherwise: readonly T[] = all) => {
  if (name !== undefined && !all.includes(name)) throw new Error(`There is no ${name}\n${USAGE}`);
  return name === undefined ? otherwise : [name];
};

/** The access token of somebody new. */
const signUp = async (origin: string) => {
  const who = visitor(origin);
  const account = { email: `fuzz-${Date.now()}@example.com`, password: 'asked at random, again' };
  const { status } = await who.post('/api/users/signup', account);
  const cookie = [...who.cookies].find(([name]) => name.endsWith('ticketing-session'))?.[1].value;
  if (cookie === undefined) throw new Error(`signing up was answered with ${status}`);
  const session = Buffer.from(decodeURIComponent(cookie), 'base64').toString();
  return (JSON.parse(session) as { jwt: string }).jwt;
};

let passed = 0;
let failed = 0;

async function fuzzShape(shape: Shape, program: string, seed: number, examples: number) {
  say(`\n${shape}, seed ${seed}:`);
  const suite = await startSuite(shape, {
    TOKEN_SECONDS: '3600',
    SEEN_REQUIRED: 'off', // as its document says, for a release more
  });
  const way = await cutStreams(suite.origin);
  try {
    await fill({ origin: suite.origin, report: () => undefined, tickets: 10 });
    for (const service of one(values.service, SERVICES)) {
      const begun = Date.now();
      const document = `${way.origin}/api/${service}/openapi.json`;
      await Promise.all(
        (values.short ? ['signed in'] : ['signed in', 'nobody']).map(async (who) => {
          const log = join(LOGS, `${shape}-${service}-${who.replace(' ', '-')}.log`);
          const token = who === 'nobody' ? undefined : await signUp(suite.origin);
          const { cases, lines } = await fuzz({ program, document, token, seed, examples, log });
          const time = `${((Date.now() - begun) / 1000).toFixed(0)} s`;
          say(`  ${lines.length === 0 ? '✓' : '✗'} ${service}, ${who}: ${cases} cases (${time})`);
          for (const line of lines) say(`      ${line}`);
          if (lines.length === 0) passed += 1;
          else {
            failed += 1;
            say(`      how to repeat it: ${log}`);
          }
        }),
      );
    }
  } finally {
    way.close();
    await suite.destroy();
  }
}

if (values.help) say(USAGE);
else {
  const seed = values.fresh ? Math.floor(Math.random() * 1_000_000_000) : Number(values.seed ?? 1);
  const examples = Number(values.examples ?? (values.short ? 10 : 50));
  const shapes = Object.keys(SHAPES) as Shape[];
  try {
    const program = await schemathesis(process.env, say);
    await rm(LOGS, { recursive: true, force: true });
    for (const shape of one(values.shape as Shape | undefined, shapes, values.short ? ['services'] : shapes))
      await fuzzShape(shape, program, seed, examples);
  } catch (error) {
    failed += 1;
    say(error instanceof Error ? error.message : String(error));
  }
  say(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
