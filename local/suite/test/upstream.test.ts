import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createRaw, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { upstream } from '../src/upstream.ts';

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An origin before a process that answers each connection's requests by hand. */
const before = async (answer: (socket: Socket, request: string, nth: number) => unknown) => {
  let connections = 0;
  let requests = 0;
  const behind = createRaw((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => answer(socket, bytes.toString('latin1'), ++requests));
    closers.push(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const pass = upstream((_req, res) => (res.headersSent ? res.destroy() : res.writeHead(503).end()));
  const origin = createServer((req, res) =>
    pass(req, res, `http://127.0.0.1:${(behind.address() as AddressInfo).port}`),
  ).listen(0, '127.0.0.1');
  await once(origin, 'listening');
  closers.push(
    () => (origin.close(), origin.closeAllConnections()),
    () => behind.close(),
  );
  return {
    ask: (options?: RequestInit) =>
      fetch(`http://127.0.0.1:${(origin.address() as AddressInfo).port}/some?where`, options),
    connections: () => connections,
  };
};

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell';

test.each([
  ['of a length', 'HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 11\r\n\r\nhello world', 1],
  [
    'in chunks',
    'HTTP/1.1 200 OK\r\nX: 1\r\nTransfer-Encoding: chunked\r\n\r\n6;a=b\r\nhello \r\n5\r\nworld\r\n0\r\nT: 1\r\n\r\n',
    1,
  ],
  [
    'after a provisional one',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 11\r\n\r\nhello world',
    1,
  ],
  [
    'on a connection that is closed',
    'HTTP/1.1 200 OK\r\nX: 1\r\nConnection: close\r\nContent-Length: 11\r\n\r\nhello world',
    2,
  ],
  [
    'with more than belongs to it',
    'HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 11\r\n\r\nhello worldHTTP/1.1 500 No\r\n\r\n',
    2,
  ],
])('an answer %s comes whole, in one piece or byte by byte', async (_how, bytes, connections) => {
  const at = await before(async (socket, _request, nth) => {
    if (nth === 1) return socket.write(bytes);
    for (const byte of bytes) await new Promise((resolve) => socket.write(byte, resolve));
    return undefined;
  });
  for (let time = 0; time < 2; time++) {
    const answer = await at.ask();
    expect([answer.status, answer.headers.get('x'), await answer.text()]).toEqual([200, '1', 'hello world']);
  }
  expect(at.connections()).toBe(connections);
});

test('an answer without a length ends with its connection', async () => {
  const at = await before((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
  expect(await (await at.ask()).text()).toBe('hello');
});

test.each([
  ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ['half a head', 'HTTP/1.1 200 OK\r\nX'],
  ['nothing', ''],
])('%s and the end of a connection is no answer', async (_what, bytes) => {
  const at = await before((socket) => socket.end(bytes));
  expect((await at.ask()).status).toBe(503);
});

test.each([
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'],
  ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n'],
])('an answer of %s that is cut off is not taken for a whole one', async (_how, bytes) => {
  const at = await before((socket) => socket.end(bytes));
  await expect(at.ask().then((answer) => answer.text())).rejects.toThrow();
});

test('what has no body has none: the next answer on its connection is its own', async () => {
  const at = await before((socket, request, nth) =>
    socket.write(
      request.startsWith('HEAD')
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n'
        : nth === 2
          ? 'HTTP/1.1 204 No Content\r\n\r\n'
          : OK,
    ),
  );
  expect((await at.ask({ method: 'HEAD' })).headers.get('content-length')).toBe('11');
  expect((await at.ask({ method: 'DELETE' })).status).toBe(204);
  expect(await (await at.ask()).text()).toBe('well');
  expect(at.connections()).toBe(1);
});

test('a process that closed its side is asked on another connection', async () => {
  const at = await before((socket) => socket.end(OK));
  for (let time = 0; time < 3; time++) expect(await (await at.ask()).text()).toBe('well');
});

test('a body comes whole, of a length or in chunks', async () => {
  let heard = '';
  const at = await before((socket, request) => {
    heard += request;
    if (/(\nhello|\n0\r\n\r\n)$/.test(heard)) socket.write(OK);
  });
  await at.ask({ method: 'POST', body: 'hello' });
  expect(heard).toMatch(/content-length: 5\r\n[^]*\r\n\r\nhello$/i);
  heard = '';
  const body = new ReadableStream({
    start(controller) {
      for (const part of ['hello ', 'world']) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
  await at.ask({ method: 'POST', body, duplex: 'half' } as RequestInit);
  expect(heard).toMatch(/transfer-encoding: chunked\r\n[^]*\r\n0\r\n\r\n$/i);
  expect(heard.replace(/\r\n[0-9a-f]+\r\n/g, '')).toContain('hello world');
});
