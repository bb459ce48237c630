import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FULL, GREEDY } from '../src/http/admission.ts';
import { bodies, readBody } from '../src/http/bodies.ts';
import { createMetrics } from '../src/metrics.ts';

describe('room for bodies', () => {
  const MB = 1_000_000;
  const asking = (ip: string, length?: number) => ({
    ip,
    headers: length === undefined ? {} : { 'content-length': String(length) },
  });
  const open = () => bodies(8 * MB, 'requests', createMetrics());
  const entered = (room: ReturnType<typeof open>, ip: string, length?: number) =>
    room.enter(asking(ip, length), 100_000);

  test('an address has an eighth of it, and again when a body is here or given up', () => {
    const room = open();
    const ten = Array.from({ length: 10 }, () => entered(room, '10.0.0.1'));
    expect(ten).not.toContain(GREEDY);
    expect([entered(room, '10.0.0.1'), entered(room, '10.0.0.2')]).toEqual([GREEDY, expect.anything()]);
    for (const one of ten) if ('leave' in one) one.leave();
    expect(entered(room, '10.0.0.1')).not.toBe(GREEDY);
  });

  test('many addresses together have all of it, whatever their bodies say of their length', () => {
    const room = open();
    const all = Array.from({ length: 81 }, (_, number) => entered(room, `10.0.0.${number}`));
    expect([all.filter((one) => one === FULL).length, all.at(-1)]).toEqual([1, FULL]);
  });

  test('a small one counts for what its connection costs, a large one for no more than is taken of it', () => {
    const small = Array.from({ length: 63 }, (_, number) => number);
    const room = open();
    expect(small.map(() => entered(room, '10.0.0.1', 1)).filter((one) => one === GREEDY)).toHaveLength(1);
    expect(entered(open(), '10.0.0.1', 1e12)).not.toBe(GREEDY);
  });
});

describe('reading a body', () => {
  let origin: string;
  const server = createServer((req, res) => {
    readBody(req, 100_000).then(
      (body) => res.end(`${body.length} ${body.subarray(0, 5).toString()}`),
      (error: unknown) => res.end((error as { type?: string }).type),
    );
  });
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const sent = (pieces: readonly string[], length?: number) =>
    new Promise<string>((resolve, fail) => {
      const headers = length === undefined ? {} : { 'content-length': length };
      const asking = request(origin, { method: 'POST', headers }, (res) => {
        void res.toArray().then((chunks) => resolve(Buffer.concat(chunks as Buffer[]).toString()), fail);
      });
      asking.on('error', fail);
      for (const piece of pieces) asking.write(piece);
      if (length === undefined) asking.end();
      else asking.flushHeaders();
    });

  test('gives its bytes, in whatever pieces they came', async () => {
    expect(await sent(['hello'])).toBe('5 hello');
    expect(await sent(Array.from({ length: 5000 }, () => 'x'))).toBe('5000 xxxxx');
    expect(await sent(['x'.repeat(60_000), 'y'.repeat(40_000)])).toBe('100000 xxxxx');
    expect(await sent([])).toBe('0 ');
  });

  test('refuses what is too large: at once where it says so, else when it is', async () => {
    expect(await sent([], 100_001)).toBe('entity.too.large');
    expect(await sent(['x'.repeat(60_000), 'y'.repeat(40_001)])).toBe('entity.too.large');
  });
});
