import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { pages, sandboxDoor } from '../src/page/page.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox.ts';

let sandbox: Sandbox;
let origin: string;
const closers: (() => unknown)[] = [];

const serve = async (sandboxUrl: string) => {
  const server = express().use(pages(), sandboxDoor(sandboxUrl)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => (server.close(), server.closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
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

test('the first page allows nothing inline and nothing from elsewhere, and asks for nothing else', async () => {
  const response = await fetch(`${origin}/`);
  const html = await response.text();
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = response.headers.get('content-security-policy')!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/unsafe|\*|http/);
  expect(html).not.toMatch(/ style=| on\w+=|<style|<script(?![^>]* src=)/);
  expect(html).not.toMatch(/(src|href)="(?!\/|#|data:,")/);
});

test('whatever the page and its scripts load is there', async () => {
  const html = await (await fetch(`${origin}/`)).text();
  const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
  expect(assets).toEqual(['/page/page.css', '/page/page.js']);
  for (const path of assets) {
    const response = await fetch(origin + path);
    expect([path, response.status]).toEqual([path, 200]);
    for (const [, file] of (await response.text()).matchAll(/from '\.\/([^']+)'/g))
      expect((await fetch(`${origin}/page/${file}`)).headers.get('content-type')).toContain('javascript');
  }
});

test('a browser that has the page is told that it did not change', async () => {
  const { headers } = await fetch(`${origin}/page/page.js`);
  expect(headers.get('cache-control')).toBe('no-cache');
  const known = { 'if-none-match': headers.get('etag')!, 'cache-control': 'max-age=0' };
  const again = await fetch(`${origin}/page/page.js`, { headers: known });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

test('other files of the folder are not served', async () => {
  for (const path of ['/page/page.ts', '/page/', '/page/..%2fsuite.ts', '/page/%2e%2e/suite.ts'])
    expect([path, (await fetch(origin + path)).status]).toEqual([path, 404]);
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
    expect([path, seen]).toEqual([path, [404, 404]]);
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
  const lonely = await serve('http://127.0.0.1:9');
  const response = await fetch(`${lonely}/sandbox/browser/payment_intent?client_secret=pi_1_secret_2`);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
});
