import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wrongAmount } from '@ticketing/common/chargeable';
import { signToken } from '@ticketing/common/http/session';
import { TEST_SIGNING_KEY, type TestHost, testHost } from '@ticketing/common/testing';
import { type Visitor, visitor } from '../src/api.ts';
import { demo } from '../src/demo.ts';
import { freePort } from '@ticketing/engines/place';
import { frontService } from '../src/front.ts';
import { type Sandbox, startSandbox } from '@ticketing/sandbox/sandbox';
import { priceIn } from '../src/samples.ts';
import { SEASON } from '../src/season.ts';
import { enter, seed } from '../src/seed.ts';
import { suite } from '../src/suite.ts';

const mongoUrl = process.env['TEST_MONGO_URL']!;
let sandbox: Sandbox;
let host: TestHost;
let origin: string;

beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  const secret = 'whsec_of_this_test';
  sandbox = await startSandbox({
    mongoUrl,
    database: `demo-${process.pid}`,
    webhook: { url: `${origin}/api/payments/webhook`, secret },
  });
  host = await testHost([...suite, frontService], {
    mongoUrl,
    env: {
      PORT: String(port),
      PUBLIC_ORIGIN: origin,
      STRIPE_KEY: 'sk_test_demo',
      STRIPE_WEBHOOK_SECRET: secret,
      STRIPE_URL: sandbox.url,
      CLIENT_URL: 'http://127.0.0.1:9',
      SANDBOX_URL: sandbox.url,
    },
  });
});
afterAll(async () => {
  await host.destroy();
  await sandbox.close();
});

const told = async (run: (options: { origin: string; report(line: string): void }) => Promise<void>) => {
  const lines: string[] = [];
  await run({ origin, report: (line) => lines.push(line) });
  return lines;
};

test('the demo walks a purchase to its end, as often as it is run', async () => {
  for (const _ of [1, 2]) {
    const lines = await told(demo);
    expect(lines.at(-1)).toContain('Every step came out as it should.');
    for (const answer of ['→ 409 Already reserved', '→ 402 Your card was declined.', 'is refunded'])
      expect(lines.join('\n')).toContain(answer);
    expect(lines.join('\n')).not.toMatch(/tickets-please|_secret_/);
  }
});

test('the demo says which step did not come out as it should', async () => {
  await fetch(`${sandbox.url}/sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'error', status: 500, path: '/confirm' }),
  });
  await expect(told(demo)).rejects.toThrow(
    /POST \/api\/payments should have been answered with 402, not 503/,
  );
  await fetch(`${sandbox.url}/sandbox/faults`, { method: 'DELETE' });
});

test('seeding twice makes the sample users and tickets once', async () => {
  const first = await told((options) => seed({ ...options, tickets: 9 }));
  expect(first.at(-1)).toMatch(/^9 tickets put on sale, 0 were there/);
  expect(first.join('\n')).toContain('buyer@example.com, password tickets-please');
  expect((await told(seed)).at(-1)).toMatch(/^\d\d tickets put on sale, 9 were there/);
  expect((await told(seed)).at(-1)).toMatch(/^0 tickets put on sale, \d\d were there/);
  const { body } = await visitor(origin).get<{ title: string; saleId: string }[]>('/api/tickets?q=cherry');
  expect(body).toHaveLength(3);
  expect(new Set(body.map(({ saleId }) => saleId)).size).toBe(1);
});

test('seeding puts on a season, once: with pictures, in many currencies; sold out, nearly, and cancelled', async () => {
  await told(seed);
  const again = (await told(seed)).join('\n');
  expect(again).not.toContain('published');
  expect(again).toContain(`0 events put on, ${SEASON.length} were there already`);
  interface Shown {
    id: string;
    title: string;
    currency: string;
    pictures?: { width: number }[];
  }
  const somebody = visitor(origin);
  const { body } = await somebody.get<Shown[]>('/api/events');
  expect(body).toHaveLength(SEASON.length - 1);
  expect(new Set(body.map(({ currency }) => currency))).toEqual(
    new Set(['aed', 'chf', 'eur', 'gbp', 'jpy', 'kwd', 'usd']),
  );
  expect(body.filter(({ pictures }) => !pictures).map(({ currency }) => currency)).toEqual(['aed']);
  const left = async (title: string) => {
    const id = body.find((event) => event.title === title)?.id;
    const places = await somebody.get<{ pools: { left: number }[] }>(`/api/orders/places?eventId=${id}`);
    return places.body.pools.map(({ left }) => left);
  };
  expect(await left('Lena Okafor Trio')).toEqual([0]);
  expect(await left('Nachtfrequenz')).toEqual([9]);
  expect(await left('Rovers v. Albion')).toEqual([448 - 14 - 90, 448 - 60, 448]);
});

test.each([
  [4800, 'usd', 4800],
  [7990, 'jpy', 7990],
  [4800, 'huf', 1_680_000],
  [7990, 'kwd', 25_570],
  [2500, 'isk', 350_000],
])('a sample of %s US cents costs in %s about as much, and can be charged: %s', (cents, currency, price) => {
  expect(priceIn(cents, currency)).toBe(price);
  expect(wrongAmount(price, currency)).toBeUndefined();
});

/** The session cookie with an access token that ended a second ago. */
const outdate = ({ cookies }: Visitor) => {
  const user = { id: 'x', email: 'x@example.com', roles: ['user' as const], sessionId: 'x' };
  const session = { jwt: signToken(user, TEST_SIGNING_KEY, -1) };
  cookies.set('ticketing-session', {
    value: Buffer.from(JSON.stringify(session)).toString('base64'),
    path: '/',
  });
};

test('requests of a visitor whose token is over share one exchange and are repeated', async () => {
  const { who } = await enter(origin, 'forgetful@example.com');
  outdate(who);
  const answers = await Promise.all([1, 2, 3].map(() => who.get<unknown>('/api/orders')));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const metrics = await fetch(`${host.operationalUrl}/metrics`);
  expect(await metrics.text()).toMatch(
    /duration_seconds_count\{[^}]*route="\/api\/users\/refresh"[^}]*\} 1\n/,
  );
});

test('a visitor whose session is over is told so', async () => {
  const { who } = await enter(origin, 'gone@example.com');
  await host.database('auth').connection?.collection('sessions').deleteMany({});
  outdate(who);
  expect((await who.get('/api/orders')).status).toBe(401);
});

test('a visitor follows a stream', async () => {
  const { who } = await enter(origin, 'watcher@example.com');
  const stop = new AbortController();
  const events = who.events('/api/tickets/stream', { signal: stop.signal });
  const first = events.next();
  const offered = await who.post<{ id: string }>('/api/tickets', { title: 'Seen live', price: 500 });
  const seen = async () => {
    let next = await first;
    while (!next.done && (next.value.data as { id: string }).id !== offered.body.id)
      next = await events.next();
    return next.value;
  };
  expect(await seen()).toMatchObject({ event: 'change', data: { title: 'Seen live', status: 'available' } });
  stop.abort();
});
