import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { freePort } from '@ticketing/engines/place';
import express from 'express';
import { front, openOrigin } from '../src/front.ts';
import { inTurn } from '../src/in-turn.ts';
import { type Sandbox, startSandbox } from '@ticketing/sandbox/sandbox';

let sandbox: Sandbox;
let origin: string;
const closers: (() => unknown)[] = [];

const AWAY = 'http://127.0.0.1:9';
const listening = async (handler: RequestListener) => {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => (server.close(), server.closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const serve = (sandboxUrl: string, clientUrl = AWAY) =>
  listening(express().use(front({ clientUrl, sandboxUrl })));
beforeAll(async () => {
  sandbox = await startSandbox({ mongoUrl: process.env['TEST_MONGO_URL']!, database: `page-${process.pid}` });
  origin = await serve(sandbox.url);
});
afterAll(async () => {
  for (const close of closers) close();
  await sandbox.close();
});

const post = (path: string, body: string, type = 'application/json') =>
  fetch(origin + path, { method: 'POST', headers: { 'content-type': type }, body });

test('pages come from the client, as it sends them', async () => {
  const client = await listening((_req, res) =>
    res.setHeader('Content-Security-Policy', "script-src 'nonce-1'").end('a page'),
  );
  const at = await serve(sandbox.url, client);
  const response = await fetch(`${at}/tickets/1`);
  expect([await response.text(), response.headers.get('content-security-policy')]).toEqual([
    'a page',
    "script-src 'nonce-1'",
  ]);
});

/** What a server answers to these bytes, however unusual they are, until it closes. */
const said = async (to: string, head: string) => {
  const socket = connect(Number(new URL(to).port), '127.0.0.1');
  socket.write(`${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  return text(socket);
};

const before = async (paths: Record<string, string>, clientUrl: string) => {
  const port = await freePort();
  const targets = Object.entries(paths).map(([path, url]) => [path, [{ url, operationalUrl: url }]] as const);
  const opened = await openOrigin({ port }, targets, { clientUrl, sandboxUrl: undefined });
  closers.push(opened.close);
  return `http://127.0.0.1:${port}`;
};

test('what no service takes under /api/ is refused as data, whatever asks', async () => {
  const page = await listening((_req, res) => res.end('a page'));
  const at = await before({ '/api/tickets': AWAY }, page);
  for (const [path, method] of [
    ['/api', 'GET'],
    ['/api/nothing', 'GET'],
    ['/api/nothing', 'POST'],
    ['/api/ticketsabc', 'GET'],
  ] as const) {
    const response = await fetch(at + path, { method, headers: { accept: 'text/html' } });
    expect([path, response.status, response.headers.get('content-type')]).toEqual([
      path,
      404,
      'application/problem+json',
    ]);
  }
});

test('a page is read: other methods, a broken path and an upgrade get a clear answer', async () => {
  const seen: (string | undefined)[] = [];
  const page = await listening((req, res) => {
    seen.push(req.headers.upgrade);
    res.end('a page');
  });
  const at = await before({}, page);
  for (const method of ['POST', 'DELETE', 'TRACE', 'OPTIONS'])
    expect(await said(at, `${method} /tickets/1 HTTP/1.1`)).toMatch(/^HTTP\/1.1 405 [^]*Allow: GET, HEAD/);
  expect(await said(at, 'GET /tickets/%zz HTTP/1.1')).toMatch(/^HTTP\/1.1 400 [^]*The URL is not valid/);
  const socket = connect(Number(new URL(at).port), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 200 [^]*a page/);
  socket.destroy();
  expect(seen).toEqual([undefined]);
});

test('nobody tells the origin where they come from', async () => {
  const service = await listening((req, res) => res.end(JSON.stringify(req.headers)));
  const at = await before({ '/api/tickets': service }, AWAY);
  const headers = {
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    'x-real-ip': '203.0.113.7',
    forwarded: 'for=203.0.113.7',
  };
  const heard = (await (await fetch(`${at}/api/tickets`, { headers })).json()) as Record<string, string>;
  expect(JSON.stringify(heard)).not.toMatch(/203\.0\.113\.7|evil/);
  expect(heard).toMatchObject({
    'x-forwarded-for': expect.stringContaining('127.0.0.1'),
    'x-forwarded-proto': 'http',
  });
});

test('300 open streams and 300 senders that dawdle keep nobody else waiting', async () => {
  const service = await listening((req, res) => {
    if (req.url === '/api/tickets/stream')
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
    else if (req.method === 'POST') req.resume();
    else res.end('served');
  });
  const at = await before({ '/api/tickets': service }, service);
  const port = Number(new URL(at).port);
  const opened = await Promise.all(
    Array.from({ length: 600 }, async (_, number) => {
      const socket = connect(port, '127.0.0.1');
      closers.push(() => socket.destroy());
      const streams = number % 2 === 0;
      socket.write(
        streams
          ? 'GET /api/tickets/stream HTTP/1.1\r\nHost: localhost\r\n\r\n'
          : 'POST /api/tickets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{',
      );
      await once(socket, streams ? 'data' : 'connect');
    }),
  );
  expect(opened).toHaveLength(600);
  for (const path of ['/api/tickets', '/']) {
    const response = await fetch(at + path, { signal: AbortSignal.timeout(5000) });
    expect([path, await response.text()]).toEqual([path, 'served']);
  }
});

test('a client that is away is said in the form that the visitor asked for', async () => {
  const page = await fetch(`${origin}/`, { headers: { accept: 'text/html' } });
  expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
  const data = await fetch(`${origin}/`);
  expect([data.status, data.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
});

test('a card number becomes a payment method through the door, a wrong one is refused in the words of the sandbox', async () => {
  const card = { number: '4242424242424242', exp_month: 12, exp_year: 2099 };
  const made = await post('/sandbox/browser/payment_methods', JSON.stringify({ card }));
  expect([made.status, await made.json()]).toEqual([200, expect.objectContaining({ type: 'card' })]);
  const wrong = { ...card, number: '4242424242424241' };
  const refused = await post('/sandbox/browser/payment_methods', JSON.stringify({ card: wrong }));
  expect([refused.status, await refused.json()]).toEqual([
    402,
    { error: expect.objectContaining({ param: 'number' }) },
  ]);
});

test("the door does not lead to the sandbox's faults, nor to Stripe's own API", async () => {
  expect((await fetch(`${sandbox.url}/sandbox/faults`)).status).toBe(200);
  const paths = ['/sandbox/faults', '/v1/payment_intents', '/health', '/sandbox/browser/../faults'];
  const disguised = [
    '/sandbox/browser/..%2ffaults',
    '/sandbox/browser/%2e%2e/faults',
    '/sandbox/browser//faults',
  ];
  for (const path of [...paths, ...disguised]) {
    const seen = [(await fetch(origin + path)).status, (await post(path, '{"kind":"drop"}')).status];
    expect([path, seen]).toEqual([path, [503, 405]]); // the client's, which is away, and takes no POST
  }
  expect(await (await fetch(`${sandbox.url}/sandbox/faults`)).json()).toEqual([]);
});

test.each([
  ['malformed JSON', '{', 'application/json', 400],
  ['a body over 10 kB', JSON.stringify({ a: 'a'.repeat(11_000) }), 'application/json', 413],
  ['another type', 'card=1', 'application/x-www-form-urlencoded', 415],
])('%s is refused with a problem document', async (_what, body, type, status) => {
  const response = await post('/sandbox/browser/authenticate', body, type);
  expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ status })]);
});

test('a sandbox that is away is unavailable, not an error', async () => {
  const lonely = await serve(AWAY);
  const response = await fetch(`${lonely}/sandbox/browser/payment_intent?client_secret=pi_1_secret_2`);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
});

test('a process that is not ready gets no turn, and all get one where none is', async () => {
  const ill = new Set<string>();
  const servers = await Promise.all(
    ['one', 'two'].map((name) => listening((_req, res) => res.writeHead(ill.has(name) ? 503 : 200).end())),
  );
  const turns = inTurn(servers.map((url) => ({ url, operationalUrl: url })));
  const drawn = () => new Set([turns.next(), turns.next()]);
  try {
    expect(drawn()).toEqual(new Set(servers));
    ill.add('two');
    await eventually(() => expect(drawn()).toEqual(new Set([servers[0]])));
    ill.add('one');
    await eventually(() => expect(drawn()).toEqual(new Set(servers)));
    ill.delete('two');
    await eventually(() => expect(drawn()).toEqual(new Set([servers[1]])));
  } finally {
    turns.close();
  }
});
