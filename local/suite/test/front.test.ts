import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import express from 'express';
import { front } from '../src/front.ts';
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
    expect([path, seen]).toEqual([path, [503, 503]]); // the client's, which is away
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
  const turns = inTurn(servers);
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
