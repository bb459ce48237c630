import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FULL, GREEDY } from '../src/http/door.ts';
import { bodies, readBody } from '../src/http/bodies.ts';
import { createMetrics } from '../src/metrics.ts';

describe('room for bodies', () => {
  const MB = 1_000_000;
  const open = () => bodies(8 * MB, 'requests', createMetrics());
  /** The refusal, if there is one, of who comes and sends so much. */
  const sends = (all: ReturnType<typeof open>, ip: string, length: number) => {
    const room = all.enter({ ip });
    return 'grow' in room ? room.grow(length) : room;
  };

  test('an address has an eighth of it, and again when a body is here or given up', () => {
    const all = open();
    const ten = Array.from({ length: 10 }, () => all.enter({ ip: '10.0.0.1' }));
    expect(ten.map((one) => 'grow' in one && one.grow(100_000))).toEqual(Array(10).fill(undefined));
    expect([sends(all, '10.0.0.1', 1), sends(all, '10.0.0.2', 1)]).toEqual([GREEDY, undefined]);
    for (const one of ten) if ('leave' in one) one.leave();
    expect(sends(all, '10.0.0.1', 1)).toBeUndefined();
  });

  test('many addresses together have all of it', () => {
    const all = open();
    const sent = Array.from({ length: 81 }, (_, number) => sends(all, `10.0.0.${number}`, 100_000));
    expect([sent.filter((one) => one === FULL).length, sent.at(-1)]).toEqual([1, FULL]);
  });

  test('one that has not come counts for what its connection costs, whatever it says to be', () => {
    const all = open();
    const waiting = Array.from({ length: 63 }, () => all.enter({ ip: '10.0.0.1' }));
    expect(waiting.filter((one) => one === GREEDY)).toHaveLength(1);
    expect('grow' in all.enter({ ip: '10.0.0.2' })).toBe(true);
  });
});

describe('reading a body', () => {
  let origin: string;
  let room = Infinity;
  const server = createServer((req, res) => {
    readBody(req, 100_000, (length) => (length > room ? FULL : undefined)).then(
      (body) =>
        res.end(Buffer.isBuffer(body) ? `${body.length} ${body.subarray(0, 5).toString()}` : body.code),
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

  test('takes room as it comes, and gives up where there is none left', async () => {
    room = 50_000;
    expect([await sent(['x'.repeat(20_000)]), await sent(['x'.repeat(20_000), 'y'.repeat(40_000)])]).toEqual([
      '20000 xxxxx',
      'unavailable',
    ]);
    room = Infinity;
  });

  test('one that breaks off in the middle was aborted by its sender', async () => {
    const aborted = new Promise<unknown>((resolve) => {
      server.once('request', (req) => void readBody(req, 100_000, () => undefined).catch(resolve));
    });
    const asking = request(origin, { method: 'POST', headers: { 'content-length': 50 } });
    asking.on('error', () => undefined).write('{');
    setImmediate(() => asking.destroy());
    expect(await aborted).toMatchObject({ type: 'request.aborted' });
  });

  test('refuses what is too large: at once where it says so, else when it is', async () => {
    expect(await sent([], 100_001)).toBe('entity.too.large');
    expect(await sent(['x'.repeat(60_000), 'y'.repeat(40_001)])).toBe('entity.too.large');
  });
});
