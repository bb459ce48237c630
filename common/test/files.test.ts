import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Router } from 'express';
import { z } from 'zod';
import { bodies } from '../src/http/bodies.ts';
import { GREEDY } from '../src/http/door.ts';
import { openapi } from '../src/http/openapi.ts';
import { anyone, type Reply } from '../src/http/route.ts';
import { createMetrics } from '../src/metrics.ts';
import { systemClock, systemIds } from '../src/runtime.ts';
import { defineService } from '../src/service.ts';
import { bearer, eventually, testHost, type TestHost } from '../src/testing.ts';

const MOST = 8_000_000;
/** So much that no socket takes it whole from a reader who does not read. */
const LARGE = Buffer.alloc(16_000_000, 'x');
let host: TestHost;
let working: Map<string, PromiseWithResolvers<Reply>>;
/** Nobody who waits is late by the clock. */
const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms === 1000 ? 600_000 : ms, signal),
};
const params = z.object({ name: z.string() });
const routes = Router()
  .put(
    '/api/works/:name',
    anyone(
      {
        summary: 'Takes a file',
        params,
        file: { field: 'plan', types: ['image/png', 'image/jpeg'], bytes: MOST },
        replies: {},
      },
      ({ params: { name } }) => {
        const reply = Promise.withResolvers<Reply>();
        working.set(name, reply);
        return reply.promise;
      },
    ),
  )
  .get(
    '/api/works/:name',
    anyone({ summary: 'Gives one', params, replies: { 200: { media: 'image/png' } } }, ({ res }) => {
      res.end(LARGE);
      return 'done';
    }),
  )
  .get(
    '/api/works',
    anyone({ summary: 'Says', replies: { 204: 'nothing' } }, () => ({ status: 204 })),
  );
const works = defineService({
  name: 'works',
  config: z.object({}),
  database: false,
  setup: () => ({ routes }),
});

beforeEach(async () => {
  working = new Map();
  host = await testHost([works], { mongoUrl: 'unused', clock, env: { MAX_REQUESTS: '4' } });
});
afterEach(async () => {
  for (const { resolve } of working.values()) resolve({ status: 204 });
  await host.destroy();
});

const send = (name: string, body: string | Uint8Array<ArrayBuffer> = 'a', type = 'image/png') =>
  fetch(`${host.url}/api/works/${name}`, {
    method: 'PUT',
    body,
    headers: { 'content-type': type, ...bearer({ id: systemIds.next() }) },
  });
const waiting = async (kind: string) => {
  const told = await (await fetch(`${host.operationalUrl}/metrics`)).text();
  return Number(
    new RegExp(`requests_waiting\\{compartment="works",kind="${kind}"\\} (\\d+)`).exec(told)?.[1] ?? 0,
  );
};

test('files are worked on one at a time, eight wait, more are told so before they are read; all else is answered', async () => {
  const sent = Array.from({ length: 9 }, async (_, n) => {
    const { status } = await send(String(n));
    return status;
  });
  await eventually(async () => working.size === 1 && (await waiting('uploads')) === 8);
  const { hostname, port } = new URL(host.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `PUT /api/works/more HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: ${MOST}\r\n\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 503 [^]*retry-after: 1/i);
  socket.destroy();
  expect((await fetch(`${host.url}/api/works`)).status).toBe(204);
  for (let done = 1; done <= 9; done++) {
    await eventually(() => working.size === done);
    [...working.values()].at(-1)?.resolve({ status: 204 });
  }
  expect(await Promise.all(sent)).toEqual(Array(9).fill(204));
});

test('files that wait, or are worked on, take room like those that are read', async () => {
  const whole = Buffer.alloc(MOST, 'x');
  const sent = [send('first', whole)];
  await eventually(() => working.has('first'));
  sent.push(send('second', whole));
  await eventually(async () => (await waiting('uploads')) === 1);
  // An address has half of 32 MB.
  const third = await send('third', whole);
  expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
  working.get('first')?.resolve({ status: 204 });
  await eventually(() => working.has('second'));
  const fourth = send('fourth', whole);
  await eventually(async () => (await waiting('uploads')) === 1);
  working.get('second')?.resolve({ status: 204 });
  await eventually(() => working.has('fourth'));
  working.get('fourth')?.resolve({ status: 204 });
  expect((await Promise.all([...sent, fourth])).map(({ status }) => status)).toEqual([204, 204, 204]);
});

test('who does not read a file holds a place among those that are sent, and no other', async () => {
  const { hostname, port } = new URL(host.url);
  const lazy = Array.from({ length: 4 }, () => {
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write('GET /api/works/large HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return socket;
  });
  const asked = fetch(`${host.url}/api/works/large`);
  await eventually(async () => (await waiting('files')) > 0);
  expect((await fetch(`${host.url}/api/works`)).status).toBe(204);
  for (const socket of lazy) socket.destroy();
  expect((await (await asked).arrayBuffer()).byteLength).toBe(LARGE.length);
});

describe('a file', () => {
  test('may say to be anything of its kind, or nothing: its bytes tell', async () => {
    for (const type of ['image/png', 'IMAGE/GIF', 'image/svg+xml; a=b', 'application/octet-stream']) {
      const reply = send(type.replace(/\W/g, ''), 'a', type);
      await eventually(() => working.has(type.replace(/\W/g, '')));
      working.get(type.replace(/\W/g, ''))?.resolve({ status: 204 });
      expect((await reply).status).toBe(204);
    }
    for (const type of ['text/plain', 'application/json', 'imagery/png']) {
      const refused = await send('other', 'a', type);
      expect(refused.status).toBe(415);
      expect(await refused.json()).toMatchObject({
        errors: [{ field: 'content-type', message: 'must be image/png or image/jpeg' }],
      });
    }
  });

  test('is refused by name where it is larger than the route takes', async () => {
    const refused = await send('large', Buffer.alloc(MOST + 1, 'x'));
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({
      errors: [{ field: 'plan', message: 'must have at most 8 MB' }],
    });
    expect(working.size).toBe(0);
  });

  test('is documented with its types, and what is given with its', () => {
    const { paths } = openapi('works', routes, '1') as { paths: Record<string, Record<string, never>> };
    expect(paths['/api/works/{name}']).toMatchObject({
      put: {
        requestBody: { required: true, content: { 'image/png': {}, 'image/jpeg': {} } },
        responses: { 413: {}, 415: {} },
      },
      get: { responses: { 200: { content: { 'image/png': {} } } } },
    });
  });
});

test('there is room for files however little there is for other bodies, and an address has half of it', () => {
  const room = bodies(8_000_000, 'files', createMetrics());
  const grown = Array.from({ length: 3 }, () => {
    const one = room.enter({ ip: '10.0.0.1' });
    return 'grow' in one ? one.grow(MOST) : one;
  });
  expect(grown).toEqual([undefined, undefined, GREEDY]);
});
