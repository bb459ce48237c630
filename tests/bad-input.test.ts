import { type ChildProcess, fork, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as rawRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, TEST_KEYS, TEST_SIGNING_KEY } from '@ticketing/common/testing';
import { type Sandbox, startSandbox } from '@ticketing/sandbox/sandbox';
import { orderFor } from '@ticketing/suite/api';
import { EVENT } from '@ticketing/suite/samples';
import jwt from 'jsonwebtoken';
import { MongoClient } from 'mongodb';

const mongoUrl = process.env['TEST_MONGO_URL'] ?? '';
const database = `test-sandbox-${randomBytes(4).toString('hex')}`;
let sandbox: Sandbox;
let child: ChildProcess;
let origin: string;
let log = '';
beforeAll(async () => {
  sandbox = await startSandbox({ mongoUrl, database });
  child = fork(join(import.meta.dirname, 'logged-suite.ts'), [], {
    execArgv: ['--conditions=source'],
    env: { ...process.env, NODE_OPTIONS: '', STRIPE_URL: sandbox.url },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (log += String(chunk)));
  [origin] = (await once(child, 'message')) as [string];
});
afterAll(async () => {
  const end = once(child, 'exit');
  child.send('end');
  await end;
  await sandbox.close();
  const client = await MongoClient.connect(mongoUrl);
  await client.db(database).dropDatabase();
  await client.close();
});

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  /** As it is when a string or bytes, else as JSON. */
  body?: unknown;
}
interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}
/** By node:http, which sends a URL as it stands. */
const ask = (path: string, { method = 'GET', headers = {}, body }: Asked = {}) =>
  new Promise<Answer>((resolve, fail) => {
    const isAsItIs = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
    const payload = isAsItIs ? body : JSON.stringify(body);
    const sent = {
      ...(payload !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(payload)),
      }),
      ...headers,
    };
    const req = rawRequest(`${origin}/`, { path, method, headers: sent }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => (text += chunk));
      res.on('end', () => resolve({ status: res.statusCode!, headers: res.headers, text }));
    });
    req.on('error', fail);
    req.end(payload);
  });

interface Problem {
  status: number;
  title: string;
  detail: string;
  errors: { message: string; field?: string }[];
  traceId: string;
}
/** The problem document, which must be one. */
const refused = ({ status, headers, text }: Answer, expected: number): Problem => {
  expect({ status, text }).toMatchObject({ status: expected });
  expect(headers['content-type']).toBe('application/problem+json');
  const problem = JSON.parse(text) as Problem;
  expect(problem).toMatchObject({ type: 'about:blank', status: expected, title: expect.any(String) });
  expect(problem.errors.length).toBeGreaterThan(0);
  expect(problem.traceId).toMatch(/^[0-9a-f]{32}$/);
  return problem;
};
const fieldsOf = ({ errors }: Problem) => errors.map(({ field }) => field);

const ann = bearer({ id: systemIds.next() }, 3600);
const ID = systemIds.next();
const OLD = `50000000${ID.slice(8)}`;
const PASSWORD = 'pa55word-never-logged';
const CARD = 'pm_card_never_logged';
const ticket = { title: 'Front row', price: 2500 };
const account = { email: 'ann@example.com', password: PASSWORD };
const payment = { orderId: OLD, paymentMethod: CARD };

/** Every route that takes a body, with one that is well formed. */
const posts = [
  ['POST', '/api/users/signup', account],
  ['POST', '/api/users/signin', account],
  ['PATCH', '/api/users/currentuser', { zone: 'UTC' }],
  ['POST', '/api/tickets', ticket],
  ['PATCH', `/api/tickets/${ID}`, { price: 100 }],
  ['PUT', `/api/tickets/${ID}`, ticket],
  ['POST', '/api/orders', orderFor([ID])],
  ['POST', '/api/payments', payment],
  ['POST', '/api/events', EVENT],
  ['PUT', `/api/events/${ID}`, EVENT],
  ['POST', `/api/events/${ID}/copy`, { starts: EVENT.starts, ends: EVENT.ends }],
  [
    'POST',
    `/api/events/${ID}/postpone`,
    { starts: EVENT.starts, ends: EVENT.ends, returns: { until: EVENT.starts } },
  ],
  ['POST', `/api/events/${ID}/codes`, { code: 'EARLY', percent: 10 }],
  ['POST', `/api/events/${ID}/codes/check`, { code: 'EARLY' }],
  ['POST', `/api/events/${ID}/team/links`, { role: 'door', hours: 1 }],
  ['POST', '/api/events/team', { token: ID + 'x'.repeat(32) }],
  ['PATCH', `/api/admissions/${ID}`, { name: 'Ada' }],
  ['POST', '/api/admissions/claims', { token: ID + 'x'.repeat(32) }],
  ['POST', '/api/admissions/returns', { tickets: [{ id: ID, back: 0 }] }],
  ['PUT', `/api/admissions/${ID}/block`, { note: 'Lost' }],
  ['POST', `/api/admissions/events/${ID}/entries`, { door: 'Main' }], // of its scans each has an answer of its own
] as const;

describe.each(posts)('%s %s', (method, path, good) => {
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    ask(path, { method, headers: { ...ann, ...headers }, body });

  test.each(['{', '{"a":', 'hello', "{'a':1}", '"text"', '{"a":1}x', '\u0000'])(
    'malformed JSON %j',
    async (body) => {
      expect(refused(await send(body), 400).detail).toBe('The body is not valid JSON');
    },
  );

  test('a good body, cut off', async () => {
    refused(await send(JSON.stringify(good).slice(0, -1)), 400);
  });

  test.each([[[]], [[good]], [{}]])('the wrong shape %j', async (body) => {
    refused(await send(body), 400);
  });

  test('every field of the wrong type, and a field too many, are named', async () => {
    for (const wrong of [{ $gt: '' }, { $ne: null }, [[]], -0.1, true]) {
      const body = Object.fromEntries(Object.keys(good).map((key) => [key, wrong]));
      const fields = fieldsOf(refused(await send(body), 400)).map((field) => field?.split('.')[0]);
      for (const key of Object.keys(good)) expect(fields).toContain(key);
    }
    expect(fieldsOf(refused(await send({ ...good, $where: '1' }), 400))).toContain('$where');
    expect(
      fieldsOf(refused(await send(JSON.stringify(good).replace('{', '{"__proto__":{"x":1},')), 400)),
    ).toContain('__proto__');
  });

  test('a body over 100 kB', async () => {
    refused(await send({ ...good, padding: 'x'.repeat(102_400) }), 413);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
  ])('the content type %s', async (type) => {
    refused(await send(good, { 'content-type': type }), 415);
  });

  test('an unknown charset or encoding', async () => {
    refused(await send(good, { 'content-type': 'application/json; charset=klingon' }), 415);
    refused(await send(good, { 'content-encoding': 'rot13' }), 415);
    for (const encoding of ['gzip', 'br', 'identity, gzip', ''])
      expect(fieldsOf(refused(await send(good, { 'content-encoding': encoding }), 415))).toEqual([
        'content-encoding',
      ]);
  });

  test.each(['https://evil.example', 'null', 'http://localhost:3000.evil.example', 'http://localhost:3001'])(
    'the foreign origin %s',
    async (from) => {
      refused(await send(good, { origin: from }), 403);
    },
  );

  test('a page of another site, where the browser sends no origin', async () => {
    refused(await send(good, { 'sec-fetch-site': 'cross-site' }), 403);
  });
});

const PATHS = [
  ['GET', '/api/tickets/ID'],
  ['PATCH', '/api/tickets/ID', { price: 100 }],
  ['PUT', '/api/tickets/ID', ticket],
  ['DELETE', '/api/tickets/ID'],
  ['GET', '/api/orders/ID'],
  ['DELETE', '/api/orders/ID'],
  ['DELETE', '/api/users/sessions/ID'],
  ['GET', '/api/events/ID'],
  ['PUT', '/api/events/ID', EVENT],
  ['DELETE', '/api/events/ID'],
  ['POST', '/api/events/ID/publish'],
  ['POST', '/api/events/ID/cancel'],
  ['POST', '/api/events/ID/codes/check', { code: 'EARLY' }],
  ['GET', '/api/admissions/ID'],
  ['PATCH', '/api/admissions/ID', { name: 'Ada' }],
  ['POST', '/api/admissions/ID/link'],
  ['DELETE', '/api/admissions/ID/link'],
  ['POST', '/api/admissions/ID/code'],
  ['PUT', '/api/admissions/ID/block', { note: 'Lost' }],
  ['DELETE', '/api/admissions/ID/block'],
] as const;
describe.each(PATHS)('%s %s', (method, path, body?: object) => {
  const send = (id: string) => ask(path.replace('ID', id), { method, headers: ann, body });

  test.each([
    'nonsense',
    ID.toUpperCase(),
    `${ID}0`,
    '1',
    '%7B%22$gt%22:%22%22%7D',
    '[object%20Object]',
    '..%2f..',
  ])('with %s, which is no id', async (id) => expect(fieldsOf(refused(await send(id), 400))).toEqual(['id']));

  test('with the id of nothing', async () => {
    for (const id of [ID, OLD]) refused(await send(id), 404);
  });

  test.each(['%', '%E0%A4%A', '%zz', '%C0%AF'])('with the malformed escape %s', async (id) => {
    refused(await send(id), 400);
  });
});

const LISTS = [
  '/api/tickets',
  '/api/tickets/sales',
  '/api/orders',
  '/api/payments',
  '/api/events',
  '/api/admissions',
] as const;
describe.each(LISTS)('GET %s', (path) => {
  test.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=abc', 'limit'],
    ['limit=', 'limit'],
    ['limit=10&limit=20', 'limit'],
    ['limit[$gt]=1', 'limit[$gt]'],
    ['cursor=hello', 'cursor'],
    ['cursor=a&cursor=b', 'cursor'],
    [`cursor=${Buffer.from('[{"$gt":""},"x"]').toString('base64url')}`, 'cursor'],
    ['$where=1', '$where'],
    ['unknown=1', 'unknown'],
    ['__proto__[x]=1', '__proto__[x]'],
    ...(path.startsWith('/api/tickets')
      ? [
          ['minPrice=-1', 'minPrice'],
          ['maxPrice=1.5', 'maxPrice'],
          ['minPrice[$gt]=1', 'minPrice[$gt]'],
          ['status=gone', 'status'],
          ['status[$ne]=sold', 'status[$ne]'],
          ['status=sold&status=available', 'status'],
          ['sellerId=me', 'sellerId'],
          ['saleId=x', 'saleId'],
          ['saleIds[$ne]=x', 'saleIds[$ne]'],
          ['sort=price', 'sort'],
          [`q=${'x'.repeat(101)}`, 'q'],
          ['q=', 'q'],
          ['q=a&q=b', 'q'],
        ]
      : []),
    ...(path === '/api/orders'
      ? [
          ['status=gone', 'status'],
          ['as=admin', 'as'],
          ['ticketId=x', 'ticketId'],
          [`ticketId=${ID}&ticketId=${ID}`, 'ticketId'],
          ['status=unpaid&status=created', 'status'],
        ]
      : []),
    ...(path === '/api/payments' ? [['orderId=x', 'orderId']] : []),
    ...(path === '/api/admissions'
      ? [
          ['when=today', 'when'],
          ['when[$ne]=past', 'when[$ne]'],
          ['when=past&when=coming', 'when'],
          ['orderId=x', 'orderId'],
          ['orderId[$gt]=', 'orderId[$gt]'],
        ]
      : []),
    ...(path === '/api/events'
      ? [
          ['from=yesterday', 'from'],
          ['to=2026-06-01', 'to'],
          ['from[$gt]=2026-06-01T00:00:00Z', 'from[$gt]'],
          ['city=', 'city'],
          ['city=%00', 'city'],
          ['category=music', 'category'],
          ['category[$ne]=film', 'category[$ne]'],
          ['currency=xxx', 'currency'],
          ['minPrice=-1', 'minPrice'],
          ['maxPrice=1.5', 'maxPrice'],
          ['free=yes', 'free'],
          ['sort=price', 'sort'],
          ['as=admin', 'as'],
          [`q=${'x'.repeat(101)}`, 'q'],
          ['q=a&q=b', 'q'],
        ]
      : []),
  ])('?%s', async (query, field) => {
    expect(fieldsOf(refused(await ask(`${path}?${query}`, { headers: ann }), 400))).toEqual([field]);
  });

  test('a query with a malformed escape, and one that is very long', async () => {
    for (const query of ['limit=%', 'limit=%E0%A4%A', `cursor=${'x'.repeat(5000)}`]) {
      refused(await ask(`${path}?${query}`, { headers: ann }), 400);
    }
  });
});

test.each([
  ['days=0', 'days'],
  ['days=366', 'days'],
  ['days=1.5', 'days'],
  ['days=', 'days'],
  ['days[$gt]=1', 'days[$gt]'],
  ['zone=', 'zone'],
  ['zone=Mars/Base', 'zone'],
  ['zone=%2B02:00', 'zone'],
  ['zone=UTC&zone=UTC', 'zone'],
  ['sellerId=x', 'sellerId'],
])('GET /api/orders/earnings?%s', async (query, field) => {
  const answer = await ask(`/api/orders/earnings?${query}`, { headers: ann });
  expect(fieldsOf(refused(answer, 400))).toEqual([field]);
});

describe('places of an event', () => {
  const line = { tierId: ID, quantity: 1, price: 2500 };
  const { quantity: _, ...bare } = line;
  test.each<[object, string]>([
    [{ eventId: 'x', lines: [line] }, 'eventId'],
    [{ eventId: { $gt: '' }, lines: [line] }, 'eventId'],
    [{ eventId: ID }, 'lines'],
    [{ eventId: ID, lines: [] }, 'lines'],
    [{ eventId: ID, lines: Array.from({ length: 101 }, () => line) }, 'lines'],
    [{ eventId: ID, lines: [{ ...line, quantity: 0 }] }, 'lines.0.quantity'],
    [{ eventId: ID, lines: [{ ...line, quantity: 1e9 }] }, 'lines.0.quantity'],
    [{ eventId: ID, lines: [{ ...line, quantity: 1.5 }] }, 'lines.0.quantity'],
    [{ eventId: ID, lines: [bare] }, 'lines.0.quantity'],
    [{ eventId: ID, lines: [line, { ...bare, places: [-1] }] }, 'lines.1.places.0'],
    [{ eventId: ID, lines: [{ ...bare, places: [0xffff_ffff + 1] }] }, 'lines.0.places.0'],
    [{ eventId: ID, lines: [{ ...bare, places: ['A1'] }] }, 'lines.0.places.0'],
    [{ eventId: ID, lines: [{ ...line, price: -1 }] }, 'lines.0.price'],
    [{ eventId: ID, lines: [{ ...line, price: '2500' }] }, 'lines.0.price'],
    [{ eventId: ID, lines: [{ ...line, tierId: 'first' }] }, 'lines.0.tierId'],
    [{ eventId: ID, lines: [{ ...line, seat: 'A1' }] }, 'lines.0.seat'],
    [{ eventId: ID, lines: [line], code: '' }, 'code'],
    [{ eventId: ID, lines: [line], code: 'СОDЕ' }, 'code'],
    [{ eventId: ID, lines: [line], code: { $ne: '' } }, 'code'],
    [{ eventId: ID, lines: [line], for: 'myself' }, 'for'],
    [{ eventId: ID, lines: [line], seen: [] }, 'seen'],
  ])('as %j are refused, naming the field', async (body, field) => {
    const answer = await ask('/api/orders', { method: 'POST', headers: ann, body });
    expect(fieldsOf(refused(answer, 400))).toEqual([field]);
  });

  test.each([
    ['/api/orders/places', 'eventId'],
    ['/api/orders/places?eventId=x', 'eventId'],
    [`/api/orders/places?eventId=${ID}&eventId=${ID}`, 'eventId'],
    [`/api/orders/places?eventId=${ID}&tierId=${ID}`, 'tierId'],
    ['/api/orders/places/counts', 'eventIds'],
    ['/api/orders/places/counts?eventIds=', 'eventIds.0'],
    [`/api/orders/places/counts?eventIds=${ID},x`, 'eventIds.1'],
    [`/api/orders/places/counts?eventIds=${Array(51).fill(ID).join(',')}`, 'eventIds'],
    ['/api/orders/places/stream?eventId=x', 'eventId'],
    ['/api/orders/endings/x', 'eventId'],
    ['/api/orders/sales', 'eventId'],
    [`/api/orders/sales?eventId=${ID}&days=0`, 'days'],
    [`/api/orders/sales?eventId=${ID}&zone=UTC`, 'zone'],
    ['/api/orders/placed', 'eventId'],
    [`/api/orders/placed?eventId=${ID}&q=%00`, 'q'],
    [`/api/orders/placed?eventId=${ID}&q=${'x'.repeat(101)}`, 'q'],
    [`/api/orders/placed?eventId=${ID}&status=paid`, 'status'],
    [`/api/orders/placed?eventId=${ID}&limit=201`, 'limit'],
    [`/api/orders/placed/csv?eventId=${ID}&limit=5`, 'limit'],
  ])('GET %s is refused, naming the field', async (path, field) => {
    expect(fieldsOf(refused(await ask(path, { headers: ann }), 400))).toEqual([field]);
  });
});

describe('an event', () => {
  const pools = (...them: object[]) => ({ pools: them, tiers: [] });
  const tier = (fields: object) => ({
    pools: [{ capacity: 9 }],
    tiers: [{ name: 'Standing', pool: 0, price: 2500, ...fields }],
  });
  const rows = (...labels: string[]) => ({
    blocks: [{ name: 'S', rows: labels.map((label) => ({ label, seats: 2 })) }],
  });
  test.each<[string, object, string]>([
    ['that ends before it starts', { ends: '2096-12-24T18:00' }, 'ends'],
    ['that ends as it starts', { ends: EVENT.starts }, 'ends'],
    ['of a year and more', { ends: '2098-12-24T18:00' }, 'ends'],
    ['on Mars', { zone: 'Mars/Olympus' }, 'zone'],
    ['in a zone that is an offset', { zone: '+02:00' }, 'zone'],
    ['in a zone of nobody', { zone: '' }, 'zone'],
    ['at a time of no day', { starts: '2096-02-30T19:00' }, 'starts'],
    ['at a time that is left out', { starts: '2026-03-29T02:30', zone: 'Europe/Berlin' }, 'starts'],
    ['at a time that comes twice', { starts: '2026-10-25T02:30', zone: 'Europe/Berlin' }, 'starts'],
    ['at a moment, not a local time', { starts: '2096-12-24T19:00:00Z' }, 'starts'],
    ['for nobody', pools({ capacity: 0 }), 'pools.0.capacity'],
    ['for less than nobody', pools({ capacity: -1 }), 'pools.0.capacity'],
    ['for everybody', pools({ capacity: 1e9 }), 'pools.0.capacity'],
    ['for one and a half', pools({ capacity: 1.5 }), 'pools.0.capacity'],
    ['with two rows of one name', pools(rows('A', 'B', 'A')), 'pools.0.blocks.0.rows.2.label'],
    [
      'with a row that has a seat twice',
      pools({ blocks: [{ name: 'S', rows: [{ label: 'A', seats: 2, names: ['1', '1'] }] }] }),
      'pools.0.blocks.0.rows.0.names.1',
    ],
    [
      'with a range of held-back places in another',
      pools({
        capacity: 9,
        held: [
          { from: 0, to: 5 },
          { from: 2, to: 3 },
        ],
      }),
      'pools.0.held.1.from',
    ],
    [
      'that holds back what is not there',
      pools({ capacity: 9, held: [{ from: 8, to: 9 }] }),
      'pools.0.held.0.to',
    ],
    ['that holds back nothing', pools({ capacity: 9, held: [{ from: 5, to: 4 }] }), 'pools.0.held.0.to'],
    [
      'of 51 tiers',
      { tiers: Array.from({ length: 51 }, (_, n) => ({ name: `T${n}`, pool: 0, price: 2500 })) },
      'tiers',
    ],
    ...[1, 49, -1, 0.5, 100_000_000, '2500'].map(
      (price) =>
        [`at ${JSON.stringify(price)}`, tier({ price }), 'tiers.0.price'] as [string, object, string],
    ),
    ['at a yen less than can be charged', { ...tier({ price: 49 }), currency: 'jpy' }, 'tiers.0.price'],
    ['in no currency', { currency: 'xxx' }, 'currency'],
    ['of a tier without a pool', tier({ pool: 1 }), 'tiers.0.pool'],
    [
      'sold until before it is sold',
      tier({ opens: '2096-12-02T10:00', closes: '2096-12-01T10:00' }),
      'tiers.0.closes',
    ],
    ['for none of an account', tier({ limit: 0 }), 'tiers.0.limit'],
    ['taxed at more than all', tier({ taxRate: 10_001 }), 'tiers.0.taxRate'],
    ...[
      '<script>alert(1)</script>',
      'a <b onmouseover="alert(1)">b</b>',
      '[x](javascript:alert(1))',
      '[x](&#106;avascript:alert(1))',
      '[x](  JaVaScRiPt:alert(1))',
      '[x](data:text/html;base64,PHNjcmlwdD4=)',
      '[x][y]\n\n[y]: vbscript:x',
      '<javascript:alert(1)>',
      '![x](https://evil.example/pixel.png)',
    ].map(
      (description) =>
        [`described as ${description}`, { description: `fine\n\n${description}` }, 'description'] as [
          string,
          object,
          string,
        ],
    ),
    ['of which somebody says what it became', { status: 'published' }, 'status'],
  ])('%s is refused, naming the field', async (_what, fields, field) => {
    const answer = await ask('/api/events', { method: 'POST', headers: ann, body: { ...EVENT, ...fields } });
    expect(fieldsOf(refused(answer, 400))).toEqual([field]);
  });

  test('with a code that looks like another is refused, naming the field', async () => {
    for (const path of ['codes', 'codes/check'])
      for (const code of ['\u0405ALE-10', 'SALE\u201110', 'ＳＡＬＥ', 'SALE\u200B', 'S-', 'x'.repeat(41)]) {
        const body = { code, ...(path === 'codes' && { percent: 10 }) };
        const answer = await ask(`/api/events/${ID}/${path}`, { method: 'POST', headers: ann, body });
        expect(fieldsOf(refused(answer, 400))).toEqual(['code']);
      }
  });
});

describe('a price', () => {
  test.each([-1, -2500, 0, 49, 0.5, 2500.01, 100_000_000, 1e21, '2500', null, [2500], { $gt: 0 }])(
    'of %j is refused when offering and editing',
    async (price) => {
      const made = await ask('/api/tickets', { method: 'POST', headers: ann, body: ticket });
      const { id } = JSON.parse(made.text) as { id: string };
      for (const [method, path] of [
        ['POST', '/api/tickets'],
        ['PATCH', `/api/tickets/${id}`],
        ['PUT', `/api/tickets/${id}`],
      ] as const) {
        const answer = await ask(path, { method, headers: ann, body: { title: 'x', price } });
        expect(new Set(fieldsOf(refused(answer, 400)))).toEqual(new Set(['price']));
      }
    },
  );
});

describe('what is given back and scanned', () => {
  test.each([
    [[], 'tickets'],
    [[{ id: ID }], 'tickets.0.back'],
    [[{ id: ID, back: 1.5 }], 'tickets.0.back'],
    [[{ id: ID, back: -1 }], 'tickets.0.back'],
    [[{ id: 'x', back: 0 }], 'tickets.0.id'],
    [[{ id: ID, back: 0, to: 'me' }], 'tickets.0.to'],
    [Array.from({ length: 101 }, () => ({ id: ID, back: 0 })), 'tickets'],
  ])('%j is refused by name', async (tickets, field) => {
    const answer = await ask('/api/admissions/returns', { method: 'POST', headers: ann, body: { tickets } });
    expect(fieldsOf(refused(answer, 400))).toEqual([field]);
  });

  test.each(['x', 'x'.repeat(101)])('the link %j, which is none, is refused by name', async (token) => {
    const answer = await ask('/api/admissions/claims', { method: 'POST', headers: ann, body: { token } });
    expect(fieldsOf(refused(answer, 400))).toEqual(['token']);
  });

  const entries = (event: string, scans: unknown) =>
    ask(`/api/admissions/events/${event}/entries`, {
      method: 'POST',
      headers: ann,
      body: { door: 'Main', scans },
    });
  test('scans that are no list, none or too many, and an event that is none, are refused by name', async () => {
    for (const scans of [{}, [], Array(101).fill({})])
      expect(fieldsOf(refused(await entries(ID, scans), 400))).toEqual(['scans']);
    expect(fieldsOf(refused(await entries('x', [{}]), 400))).toEqual(['eventId']);
    refused(await entries(ID, [{}]), 404);
    for (const what of ['', '/counts', '/csv', '/snapshot', '/stream'])
      for (const [event, status] of [
        ['x', 400],
        [ID, 404],
      ] as const)
        refused(await ask(`/api/admissions/events/${event}${what}`, { headers: ann }), status);
    for (const query of ['status=gone', 'q=', `q=${'x'.repeat(101)}`, 'limit=0', 'unknown=1'])
      expect(
        fieldsOf(refused(await ask(`/api/admissions/events/${ID}?${query}`, { headers: ann }), 400)),
      ).toEqual([query.split('=')[0]]);
  });
});

describe('what people type', () => {
  const RLO = '\u202E';
  /** Every field that people type, in every service: a body with it, and whether it may have several lines, or none. */
  const FIELDS = [
    ['POST', '/api/tickets', 'title', (title: string) => ({ ...ticket, title }), 'line'],
    ['POST', '/api/tickets', 'description', (description: string) => ({ ...ticket, description }), 'lines'],
    ['PATCH', `/api/tickets/${ID}`, 'title', (title: string) => ({ title }), 'line'],
    ['PATCH', `/api/tickets/${ID}`, 'description', (description: string) => ({ description }), 'lines'],
    ['PUT', `/api/tickets/${ID}`, 'title', (title: string) => ({ ...ticket, title }), 'line'],
    ['POST', '/api/events', 'title', (title: string) => ({ ...EVENT, title }), 'line'],
    ['POST', '/api/events', 'description', (description: string) => ({ ...EVENT, description }), 'lines'],
    ['POST', '/api/events', 'organizer.name', (name: string) => ({ ...EVENT, organizer: { name } }), 'line'],
    [
      'POST',
      '/api/events',
      'venue.city',
      (city: string) => ({ ...EVENT, venue: { ...EVENT.venue, city } }),
      'line',
    ],
    [
      'PUT',
      `/api/events/${ID}`,
      'venue.address',
      (address: string) => ({ ...EVENT, venue: { ...EVENT.venue, address } }),
      'lines',
    ],
    [
      'POST',
      '/api/events',
      'tiers.0.name',
      (name: string) => ({ ...EVENT, pools: [{ capacity: 1 }], tiers: [{ name, pool: 0, price: 0 }] }),
      'line',
    ],
    [
      'POST',
      `/api/admissions/events/${ID}/entries`,
      'door',
      (door: string) => ({ door, scans: [{}] }),
      'line',
    ],
    ['PATCH', `/api/admissions/${ID}`, 'name', (name: string) => ({ name }), 'line'],
    ['PUT', `/api/admissions/${ID}/block`, 'note', (note: string) => ({ note }), 'line'],
    [
      'PUT',
      `/api/tickets/${ID}`,
      'description',
      (description: string) => ({ ...ticket, description }),
      'lines',
    ],
    [
      'POST',
      '/api/users/signup',
      'email',
      (name: string) => ({ ...account, email: `a${name}@example.com` }),
      'address',
    ],
    [
      'POST',
      '/api/users/signin',
      'email',
      (name: string) => ({ ...account, email: `a${name}@example.com` }),
      'address',
    ],
  ] as const;

  describe.each(FIELDS)('%s %s: %s', (method, path, field, bodyOf, kind) => {
    const send = (typed: string) => ask(path, { method, headers: ann, body: bodyOf(typed) });
    const wrong = {
      'a control character': ['a\u0000b', 'a\u0007', 'a\u001B[31m', '\u007Fa', 'a\u0085b'],
      'half a character': ['\uD83D', 'a\uDE00b', '\uDE00\uD83D'],
      'nothing that is seen': ['\u3164', '\u200D\uFE0F', '\uFFA0', '\u{E0041}', '\u034F', '\u180E'],
      'a pile of accents': [`Z${'\u0317'.repeat(7)}`],
    };
    test.each(Object.entries(wrong))('%s is refused by name', async (_what, typed) => {
      for (const one of typed) {
        const problem = refused(await send(one), 400);
        expect(fieldsOf(problem)).toEqual([field]);
        expect(problem.errors[0]!.message).toMatch(/^(must|holds) /);
      }
    });
    if (kind === 'line')
      test('is one line, and not empty', async () => {
        for (const one of ['a\nb', 'a\u2028b', '', ' ', '\u200B\u2060\uFEFF\u00AD'])
          expect(fieldsOf(refused(await send(one), 400))).toEqual([field]);
      });
  });

  test.each(['q=%00', 'q=a%07b', 'q=%E3%85%A4', 'q=%E2%80%8B', `q=Z${'%CC%97'.repeat(7)}`])(
    'a search, ?%s, is refused by name',
    async (query) => expect(fieldsOf(refused(await ask(`/api/tickets?${query}`), 400))).toEqual(['q']),
  );

  test('half a character in a new password is refused', async () => {
    const body = { ...account, password: 'difference\uD83D' };
    expect(fieldsOf(refused(await ask('/api/users/signup', { method: 'POST', body }), 400))).toEqual([
      'password',
    ]);
  });

  test('is mended where nobody would miss anything, and then answered, kept and told alike', async () => {
    const title = ` ${RLO}Cafe\u0301\u200B\u00AD 👩‍👩‍👧\u2067 `;
    const description = 'one\r\ntwo\tthree\u2028four\u202C';
    const mended = { title: 'Café 👩‍👩‍👧', description: 'one\ntwo three\nfour' };
    const made = await ask('/api/tickets', {
      method: 'POST',
      headers: ann,
      body: { ...ticket, title, description },
    });
    expect(JSON.parse(made.text)).toMatchObject(mended);
    const { id } = JSON.parse(made.text) as { id: string };
    expect(JSON.parse((await ask(`/api/tickets/${id}`)).text)).toMatchObject(mended);
    const order = await eventually(async () => {
      const answer = await ask('/api/orders', {
        method: 'POST',
        headers: bearer({ id: systemIds.next() }, 3600),
        body: orderFor([id]),
      });
      expect(answer.status).toBe(201);
      return JSON.parse(answer.text) as { items: [{ title: string }] };
    });
    expect(order.items[0].title).toBe(mended.title);
  });
});

describe('a token', () => {
  const claims = { sub: ID, email: 'eve@example.com', roles: ['admin'], sessionId: ID };
  const ours = {
    algorithm: 'ES256',
    keyid: TEST_SIGNING_KEY.kid,
    issuer: 'ticketing/auth',
    audience: 'ticketing',
    expiresIn: 60,
  } as const;
  const THEIRS = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const unsigned = (alg: string) =>
    `${part({ alg, typ: 'JWT', kid: TEST_SIGNING_KEY.kid })}.${part({ ...claims, iss: ours.issuer, aud: ours.audience, exp: now + 60 })}.`;
  const PROTECTED = [
    ['POST', '/api/tickets', ticket],
    ['PATCH', `/api/tickets/${ID}`, { price: 100 }],
    ['DELETE', `/api/tickets/${ID}`],
    ['GET', '/api/orders'],
    ['POST', '/api/orders', orderFor([ID])],
    ['GET', '/api/orders/stream'],
    ['GET', '/api/orders/earnings'],
    ['GET', `/api/orders/endings/${ID}`],
    ['GET', `/api/orders/sales?eventId=${ID}`],
    ['GET', `/api/orders/placed?eventId=${ID}`],
    ['GET', `/api/orders/placed/csv?eventId=${ID}`],
    ['GET', '/api/events?as=team'],
    ['POST', '/api/events', EVENT],
    ['PUT', `/api/events/${ID}`, EVENT],
    ['DELETE', `/api/events/${ID}`],
    ['POST', `/api/events/${ID}/publish`],
    ['POST', `/api/events/${ID}/cancel`],
    ['POST', `/api/events/${ID}/codes`, { code: 'EARLY', percent: 10 }],
    ['POST', '/api/events/team', { token: ID + 'x'.repeat(32) }],
    ['GET', '/api/admissions'],
    ['GET', '/api/admissions/stream'],
    ['GET', `/api/admissions/${ID}`],
    ['PATCH', `/api/admissions/${ID}`, { name: 'Ada' }],
    ['POST', `/api/admissions/${ID}/link`],
    ['DELETE', `/api/admissions/${ID}/link`],
    ['POST', `/api/admissions/${ID}/code`],
    ['PUT', `/api/admissions/${ID}/block`, { note: 'Lost' }],
    ['DELETE', `/api/admissions/${ID}/block`],
    ['POST', '/api/admissions/claims', { token: ID + 'x'.repeat(32) }],
    ['POST', '/api/admissions/returns', { tickets: [{ id: ID, back: 0 }] }],
    ['POST', `/api/admissions/events/${ID}/entries`, { door: 'Main', scans: [{}] }],
    ['GET', `/api/orders/${ID}`],
    ['DELETE', `/api/orders/${ID}`],
    ['GET', '/api/payments'],
    ['POST', '/api/payments', payment],
    ['GET', '/api/users/sessions'],
    ['PATCH', '/api/users/currentuser', { zone: 'UTC' }],
    ['DELETE', '/api/users/sessions'],
    ['DELETE', `/api/users/sessions/${ID}`],
  ] as const;

  test.each([
    ['missing', ''],
    ['expired', bearer({ id: ID }, -10).authorization.slice(7)],
    ['without a signature', unsigned('none')],
    ['with an empty signature', unsigned('ES256')],
    ['of another key', jwt.sign(claims, THEIRS, ours)],
    ['of a key that nobody knows', jwt.sign(claims, TEST_SIGNING_KEY.key, { ...ours, keyid: 'theirs' })],
    [
      'of another issuer',
      jwt.sign(claims, TEST_SIGNING_KEY.key, { ...ours, issuer: 'https://evil.example' }),
    ],
    ['for another audience', jwt.sign(claims, TEST_SIGNING_KEY.key, { ...ours, audience: 'another' })],
    ['by another algorithm', jwt.sign(claims, 'k'.repeat(32), { ...ours, algorithm: 'HS384' })],
    ['that is none', 'never-logged-nonsense'],
  ])('%s is nobody, as a header and as a cookie, on every protected route', async (_what, token) => {
    const session = Buffer.from(JSON.stringify({ jwt: token })).toString('base64');
    const carriers =
      token === ''
        ? [{}]
        : [{ authorization: `Bearer ${token}` }, { cookie: `ticketing-session=${session}` }];
    for (const headers of carriers) {
      for (const [method, path, body] of PROTECTED as readonly (readonly [string, string, object?])[]) {
        const answer = await ask(path, { method, headers, body });
        refused(answer, 401);
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      }
      const current = await ask('/api/users/currentuser', { headers });
      expect(JSON.parse(current.text)).toEqual({ currentUser: null });
    }
  });

  test.each([
    'ticketing-session=garbage',
    'ticketing-session=',
    'ticketing-session=%%%',
    `ticketing-session=${Buffer.from('null').toString('base64')}`,
    `ticketing-session=${Buffer.from('[1]').toString('base64')}`,
    `ticketing-session=${Buffer.from('"x"').toString('base64')}`,
    `ticketing-session=${Buffer.from('{"jwt":{"$ne":""}}').toString('base64')}`,
    `ticketing-session=${Buffer.from('{"__proto__":{"jwt":"x"},"toString":1}').toString('base64')}`,
    ';;;=;',
    'a'.repeat(8000),
  ])('in the foreign cookie %j is nobody', async (cookie) => {
    refused(await ask('/api/orders', { headers: { cookie } }), 401);
    refused(await ask('/api/users/refresh', { method: 'POST', headers: { cookie } }), 401);
  });

  test.each(['x', `${ID}.0.${'A'.repeat(43)}`, '%00', 'a.b.c'].map((token) => `ticketing-refresh=${token}`))(
    'to refresh with, %j, is refused',
    async (cookie) => {
      refused(await ask('/api/users/refresh', { method: 'POST', headers: { cookie } }), 401);
    },
  );
});

describe('a repeated request', () => {
  test.each(['', 'a b', 'x'.repeat(256), '\u00fc'])(
    'under the key %j, which is none, is refused by name',
    async (key) => {
      for (const [path, body] of [
        ['/api/orders', orderFor([ID])],
        ['/api/payments', payment],
        ['/api/events', EVENT],
      ] as const) {
        const answer = await ask(path, { method: 'POST', headers: { ...ann, 'idempotency-key': key }, body });
        expect(fieldsOf(refused(answer, 400))).toEqual(['idempotency-key']);
      }
    },
  );

  test('with another body under the same key is a conflict; a stale If-Match is 412', async () => {
    const made = await ask('/api/tickets', { method: 'POST', headers: ann, body: ticket });
    expect(made.status).toBe(201);
    const { id } = JSON.parse(made.text) as { id: string };
    const tag = await ask(`/api/tickets/${id}`, { method: 'DELETE', headers: { ...ann, 'if-match': '"9"' } });
    expect(fieldsOf(refused(tag, 412))).toEqual(['if-match']);
    for (const bad of ['9', 'x', '"-1"', '"1" "2"', '"1",', '*,"1"']) {
      const wrong = await ask(`/api/tickets/${id}`, {
        method: 'DELETE',
        headers: { ...ann, 'if-match': bad },
      });
      expect(fieldsOf(refused(wrong, 400))).toEqual(['if-match']);
    }
    const headers = { ...bearer({ id: systemIds.next() }, 3600), 'idempotency-key': 'one' };
    const order = await ask('/api/orders', { method: 'POST', headers, body: orderFor([id]) });
    expect(order.status).toBe(201);
    const other = orderFor([id], 2500);
    expect(
      fieldsOf(refused(await ask('/api/orders', { method: 'POST', headers, body: other }), 409)),
    ).toEqual(['idempotency-key']);
    const { id: orderId } = JSON.parse(order.text) as { id: string };
    const first = await eventually(async () => {
      const answer = await ask('/api/payments', {
        method: 'POST',
        headers,
        body: { orderId, paymentMethod: CARD },
      });
      return answer.status !== 503 && answer;
    });
    expect(fieldsOf(refused(first, 400))).toEqual(['paymentMethod']);
    const visa = { orderId, paymentMethod: 'pm_card_visa' };
    expect(
      fieldsOf(refused(await ask('/api/payments', { method: 'POST', headers, body: visa }), 409)),
    ).toEqual(['idempotency-key']);
  });
});

describe('a picture', () => {
  const send = (body: unknown, headers: Record<string, string> = {}, id = ID) =>
    ask(`/api/events/${id}/picture`, {
      method: 'PUT',
      headers: { ...ann, 'content-type': 'image/png', ...headers },
      body,
    });
  const latin = (text: string) => Buffer.from(text, 'latin1');
  let event: string;
  beforeAll(async () => {
    const drafted = await ask('/api/events', { method: 'POST', headers: ann, body: EVENT });
    event = (JSON.parse(drafted.text) as { id: string }).id;
  });

  test.each<[string, Buffer]>([
    ['nothing', latin('')],
    ['text', latin('I am a PNG')],
    ['a script', latin('<script>alert(1)</script>')],
    ['SVG', latin('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['GIF', latin('GIF89a\x01\0\x01\0\0\0\0;')],
    ['TIFF', latin('II*\0\x08\0\0\0\0\0\0\0\0\0')],
    ['HEIC', latin('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
    ['PDF', latin('%PDF-1.7')],
    ['text that begins as a PNG', latin('\x89PNG\r\n\x1a\nI am a PNG')],
    ['text that begins as a JPEG', latin('\xff\xd8\xff\xe0I am a JPEG')],
    ['text that begins as a WebP', latin('RIFF\x20\0\0\0WEBPVP8 I am a WebP')],
    // Lossless WebP of one colour, whose head says how large it is: 16,000 × 16,000.
    ['a bomb', Buffer.from('UklGRh4AAABXRUJQVlA4TBEAAAAvf/6fDwdQjyJXq/+BiOh/AAA=', 'base64')],
    ['eight megabytes of nothing', Buffer.alloc(8_000_000)],
  ])('that is %s', async (_, body) => {
    const { errors } = refused(await send(body, {}, event), 400);
    expect(errors).toEqual([{ field: 'picture', message: expect.any(String) }]);
  });

  test('that is too large, of no kind of picture, or compressed', async () => {
    expect(fieldsOf(refused(await send(Buffer.alloc(8_000_001), {}, event), 413))).toEqual(['picture']);
    for (const type of ['application/json', 'text/html', 'multipart/form-data; boundary=x'])
      expect(fieldsOf(refused(await send('x', { 'content-type': type }, event), 415))).toEqual([
        'content-type',
      ]);
    expect(fieldsOf(refused(await send('x', { 'content-encoding': 'gzip' }, event), 415))).toEqual([
      'content-encoding',
    ]);
  });

  test('of nothing, of nobody, or from elsewhere', async () => {
    expect(fieldsOf(refused(await send('x', {}, 'nonsense'), 400))).toEqual(['id']);
    expect(fieldsOf(refused(await send('x', { 'if-match': '3' }, event), 400))).toEqual(['if-match']);
    refused(await send('x'), 404);
    refused(await send('x', { origin: 'https://evil.example' }, event), 403);
    refused(await send('x', { authorization: '' }, event), 401);
    for (const path of ['nonsense', 'A'.repeat(64), `${'0'.repeat(64)}.webp`, '..%2f..'])
      expect(fieldsOf(refused(await ask(`/api/events/pictures/${path}`), 400))).toEqual(['picture']);
    refused(await ask(`/api/events/pictures/${'0'.repeat(64)}`), 404);
    refused(await ask(`/api/events/${event}/picture`), 404);
  });
});

test('what is not there is 404, what a path does not take 405', async () => {
  for (const path of ['/', '/api', '/api/nothing', '/api/tickets/ID/x', '//evil.example/api', '/api/users']) {
    refused(await ask(path), 404);
  }
  for (const method of ['PUT', 'PATCH', 'DELETE'])
    refused(await ask('/api/orders', { method, headers: ann }), 405);
  refused(await ask('/%', { headers: ann }), 404).detail.startsWith('There is no');
});

test('a webhook that Stripe did not sign is refused, whatever its body', async () => {
  for (const body of ['', '{', 'hello', '{"id":"evt_1"}', 'x'.repeat(200_000)]) {
    const headers = { 'stripe-signature': 't=1,v1=00' };
    const answer = await ask('/api/payments/webhook', { method: 'POST', headers, body });
    expect(fieldsOf(refused(answer, 400))).toEqual(['stripe-signature']);
  }
  const large = { method: 'POST', body: 'x'.repeat(1_100_000) };
  refused(
    await ask('/api/payments/webhook', { ...large, headers: { 'stripe-signature': 't=1,v1=00' } }),
    413,
  );
  expect(fieldsOf(refused(await ask('/api/payments/webhook', large), 400))).toEqual(['stripe-signature']);
});

test('of all this nothing was an error of ours, and nothing secret was logged', async () => {
  await eventually(() => log.includes('"ready"'));
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { level: number });
  expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
  const { keys } = JSON.parse(TEST_KEYS.TOKEN_PRIVATE_KEYS) as { keys: [{ d: string }] };
  const privatePart = keys[0].d;
  for (const secret of [
    PASSWORD,
    CARD,
    'never_logged',
    'never-logged',
    TEST_KEYS.REFRESH_KEYS,
    privatePart,
    ann.authorization.slice(7, 60),
  ]) {
    expect(log).not.toContain(secret);
  }
});

describe('without its settings', () => {
  const NEEDED = {
    auth: [
      'MONGO_URL',
      'NATS_URL',
      'TOKEN_PUBLIC_KEYS',
      'TOKEN_PRIVATE_KEYS',
      'REFRESH_KEYS',
      'PUBLIC_ORIGIN',
    ],
    tickets: ['MONGO_URL', 'NATS_URL', 'TOKEN_PUBLIC_KEYS', 'PUBLIC_ORIGIN'],
    events: ['MONGO_URL', 'NATS_URL', 'TOKEN_PUBLIC_KEYS', 'PUBLIC_ORIGIN', 'CODE_KEY'],
    orders: ['MONGO_URL', 'NATS_URL', 'TOKEN_PUBLIC_KEYS', 'PUBLIC_ORIGIN', 'CODE_KEY'],
    payments: [
      'MONGO_URL',
      'NATS_URL',
      'TOKEN_PUBLIC_KEYS',
      'PUBLIC_ORIGIN',
      'STRIPE_KEY',
      'STRIPE_WEBHOOK_SECRET',
    ],
    expiration: ['NATS_URL', 'TOKEN_PUBLIC_KEYS', 'PUBLIC_ORIGIN', 'REDIS_URL'],
    admissions: ['MONGO_URL', 'NATS_URL', 'TOKEN_PUBLIC_KEYS', 'PUBLIC_ORIGIN', 'ADMISSION_KEYS'],
  };
  const WRONG = {
    NATS_URL: 'http://wrong-value',
    TOKEN_PUBLIC_KEYS: 'wrong-value',
    JWT_KEY: 'wrong-value',
    JWT_KEY_BEFORE: 'wrong-value',
    PUBLIC_ORIGIN: 'https://wrong-value/path',
    PORT: 'wrong-value',
    LOG_LEVEL: 'wrong-value',
    TRUST_PROXY_HOPS: '-1',
  };
  const start = async (service: string, env: Record<string, string>) => {
    const main = spawn(process.execPath, ['--conditions=source', `${service}/src/main.ts`], {
      cwd: join(import.meta.dirname, '..'),
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    main.stderr.on('data', (chunk) => (said += String(chunk)));
    const [code] = (await once(main, 'close')) as [number];
    return { code, said };
  };

  test.each(Object.entries(NEEDED))('%s does not start, and names each', async (service, names) => {
    const { code, said } = await start(service, {});
    expect(code).toBe(1);
    expect(said).toContain(`Cannot start ${service}:`);
    for (const name of names) expect(said).toMatch(new RegExp(`^${name} is missing`, 'm'));
    expect(said.trim().split('\n')).toHaveLength(names.length + 1);
  });

  test.each(Object.keys(NEEDED))(
    '%s with wrong ones does not start, names each, and repeats no value',
    async (service) => {
      const codes = {
        CODE_KEY: 'wrong-value',
        CODE_TRIES_WINDOW_SECONDS: '59',
        CODE_TRIES_PER_USER: '0',
        CODE_TRIES_PER_ADDRESS: 'few',
      };
      const own = {
        auth: {
          RATE_LIMIT: 'off',
          NODE_ENV: 'production',
          TOKEN_PRIVATE_KEYS: '{"wrong-value":[]}',
          REFRESH_KEYS: 'wrong-value',
          SESSION_MAX_SECONDS: 'wrong-value',
          SESSION_SHARED_LIMIT: '1',
        },
        tickets: {},
        events: {
          ...codes,
          FREE_TIER_LIMIT: '0',
          DRAFTS_LIMIT: 'many',
          PICTURE_MEGAPIXELS: '101',
          PICTURE_SECONDS: '0',
          PICTURES_PER_HOUR: 'few',
        },
        orders: {
          ORDER_HOLD_SECONDS: '0',
          PAYMENT_GRACE_SECONDS: '21',
          CHALLENGE_SECONDS: '3601',
          UNPAID_ORDERS_LIMIT: '0',
          UNPAID_ORDERS_OF_SALE_LIMIT: 'few',
          UNPAID_TICKETS_LIMIT: '0',
          HOLD_AGAIN_PAUSE_SECONDS: '-1',
          ...codes,
        },
        payments: {
          STRIPE_URL: 'wrong-value',
          PAYMENT_RECOVERY_SECONDS: 'soon',
          PAYMENT_BEGIN_SECONDS: '61',
          PAYMENT_GRACE_SECONDS: '21',
          RATE_LIMIT: 'sometimes',
          CARD_TRIES_WINDOW_SECONDS: '59',
          CARD_TRIES_PER_ORDER: '0',
          CARD_TRIES_PER_USER: 'few',
          CARD_TRIES_PER_ADDRESS: '0',
          CARD_TRIES_PER_CARD: '-1',
        },
        expiration: { REDIS_URL: 'http://wrong-value' },
        admissions: {
          ADMISSION_KEYS: '{"keys":[{"kid":"wrong-value"}]}',
          BUYER_CANCEL_SECONDS: '-1',
          STREAM_HEARTBEAT_SECONDS: 'wrong-value',
        },
      }[service]!;
      const mongo = service === 'expiration' ? {} : { MONGO_URL: 'http://wrong-value' };
      const env: Record<string, string> = { ...WRONG, ...mongo, ...own };
      const { code, said } = await start(service, env);
      expect(code).toBe(1);
      for (const name of Object.keys(env).filter((one) => one !== 'NODE_ENV')) {
        expect(said).toMatch(new RegExp(`^${name} must`, 'm'));
      }
      expect(said).not.toContain('wrong-value');
    },
  );
});
