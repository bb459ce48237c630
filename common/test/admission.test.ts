import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Router } from 'express';
import { z } from 'zod';
import { memoryBus } from '../src/bus/memory.ts';
import { type Host, host } from '../src/host.ts';
import { admission, networkOf, PATIENCE } from '../src/http/admission.ts';
import { anyone, type Reply } from '../src/http/route.ts';
import { createMetrics } from '../src/metrics.ts';
import { type Clock, systemClock, systemIds } from '../src/runtime.ts';
import { defineService } from '../src/service.ts';
import { bearer, eventually } from '../src/testing.ts';

/** A clock whose sleepers wake when the test says so. */
const stillClock = () => {
  let sleepers: (() => void)[] = [];
  const clock: Clock = {
    now: () => new Date(0),
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        sleepers.push(resolve);
        signal?.addEventListener('abort', () => resolve());
      }),
  };
  const wake = () => {
    for (const resolve of sleepers) resolve();
    sleepers = [];
  };
  return { clock, wake };
};

describe('the door of a service with four places', () => {
  const open = () => {
    const { clock, wake } = stillClock();
    const gate = admission({ requests: 4, streams: 10, clock, metrics: createMetrics() });
    return { gate, door: gate.door('works', 'requests'), wake };
  };
  const one = (n: number, share = 1) => ({ key: `somebody ${n}`, share });
  const full = { code: 'unavailable', retryAfter: 1 };
  const greedy = { code: 'too-many', retryAfter: 1 };

  /** Four at work and two in the queue, which is all there is room for. */
  const crowd = () => {
    const opened = open();
    const { door } = opened;
    for (let n = 0; n < 4; n++) expect(door.enter(one(n))).toBeUndefined();
    const turns: string[] = [];
    const queue = [4, 5].map(async (n) => {
      const refusal = await door.enter(one(n));
      turns.push(refusal ? `${n} refused` : `${n}`);
      return refusal;
    });
    return { ...opened, turns, queue };
  };

  test('refuses at once who finds neither a place nor room in the queue', () => {
    const { door } = crowd();
    expect(door.refusal(one(6))).toMatchObject(full);
    expect(door.enter(one(6))).toMatchObject(full);
  });

  test('gives a place that is free again to who waits longest', async () => {
    const { door, turns, queue } = crowd();
    door.leave(one(0));
    await queue[0];
    expect(turns).toEqual(['4']);
    expect(door.refusal(one(6))).toBeUndefined(); // the queue has room again
    door.leave(one(1));
    await queue[1];
    expect(turns).toEqual(['4', '5']);
  });

  test('has as many places as before when all have left', async () => {
    const { door, queue } = crowd();
    for (let n = 0; n < 4; n++) door.leave(one(n));
    await Promise.all(queue);
    for (const n of [4, 5]) door.leave(one(n));
    for (let n = 0; n < 4; n++) expect(door.enter(one(n))).toBeUndefined();
    expect(door.enter(one(4))).toBeInstanceOf(Promise);
  });

  test('refuses who has waited too long, and takes no place for them', async () => {
    const { door, wake, queue } = crowd();
    wake();
    expect(await Promise.all(queue)).toEqual([expect.objectContaining(full), expect.objectContaining(full)]);
    for (let n = 0; n < 4; n++) door.leave(one(n));
    for (let n = 0; n < 4; n++) expect(door.enter(one(n))).toBeUndefined();
  });

  test('lets a webhook in before everybody who waits, though the queue is full', async () => {
    const { door, turns, queue } = crowd();
    const webhook = Promise.resolve(door.enter(undefined)).then(() => turns.push('webhook'));
    door.leave(one(0));
    await webhook;
    door.leave(undefined);
    await queue[0];
    expect(turns).toEqual(['webhook', '4']);
  });

  test('gives nobody more than their share, in the queue neither, and others find the rest', async () => {
    const { door } = open();
    for (let n = 0; n < 2; n++) expect(door.enter(one(0, 2))).toBeUndefined();
    expect(door.refusal(one(0, 2))).toMatchObject(greedy);
    expect(door.enter(one(0, 2))).toMatchObject(greedy);
    expect(door.enter(one(1))).toBeUndefined();
    door.leave(one(0, 2));
    expect(door.enter(one(0, 2))).toBeUndefined();
    expect(door.enter(one(2))).toBeUndefined(); // the fourth place
    const waits = door.enter(one(3));
    expect(waits).toBeInstanceOf(Promise);
    expect(door.enter(one(3))).toMatchObject(greedy);
    door.leave(one(1));
    expect(await waits).toBeUndefined();
  });

  test('counts nobody who holds no place: what it remembers does not grow', async () => {
    const { door, wake, queue } = crowd();
    wake();
    await Promise.all(queue);
    for (let n = 0; n < 4; n++) door.leave(one(n));
    for (let n = 0; n < 6; n++) {
      expect(door.enter(one(n))).toBeUndefined();
      door.leave(one(n));
    }
  });

  test('is not that of another service', () => {
    const { gate } = crowd();
    expect(gate.door('others', 'requests').enter(one(0))).toBeUndefined();
  });

  test('knows a user wherever they call from, and who is not signed in by their network', () => {
    const { gate } = open();
    const from = (ip: string, id?: string) =>
      gate.asker('requests', id === undefined ? undefined : { id }, { ip }).key;
    expect(from('203.0.113.7', 'ann')).toBe(from('198.51.100.1', 'ann'));
    expect(from('2001:db8::1')).toBe(from('2001:db8::2'));
    expect(from('203.0.113.7')).not.toBe(from('203.0.113.8'));
  });
});

/** On this clock nobody waits too long for a place. */
const patient: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms === PATIENCE ? 3600_000 : ms, signal),
};

describe('a process', () => {
  let running: Host;
  let working: Map<string, PromiseWithResolvers<Reply>>;
  let callers: AbortController;

  beforeEach(async () => {
    working = new Map();
    callers = new AbortController();
    const work = ({ params }: { params: { name: string } }) => {
      const reply = Promise.withResolvers<Reply>();
      working.set(params.name, reply);
      return reply.promise;
    };
    const params = z.object({ name: z.string() });
    const defined = (name: string) =>
      defineService({
        name,
        config: z.object({}),
        database: false,
        setup: () => ({
          routes: Router()
            .get(`/api/${name}/stream`, anyone({ summary: 'Streams', replies: { 200: 'stream' } }, streams))
            .post(
              `/api/${name}`,
              anyone({ summary: 'Says', body: z.object({}), replies: {} }, () => DONE),
            )
            .get(`/api/${name}/:name`, anyone({ summary: 'Works', params, replies: {} }, work)),
        }),
      });
    const bus = memoryBus();
    const open = () => ({
      bus,
      remoteBus: false,
      database: () => {
        throw new Error('not used');
      },
      clock: patient,
      ids: systemIds,
      random: Math.random,
      close: () => Promise.resolve(),
    });
    running = await host(
      [defined('works'), defined('others')],
      { config: z.object({}), open },
      {
        PORT: '0',
        JWT_KEY: 'a key that only tests use, of 32 characters or more',
        PUBLIC_ORIGIN: 'http://localhost:3000',
        LOG_LEVEL: 'silent',
        DRAIN_SECONDS: '0',
        MAX_REQUESTS: '4',
        MAX_STREAMS: '10',
      },
    );
    await running.ready;
  });
  afterEach(async () => {
    for (const { resolve } of working.values()) resolve(DONE);
    callers.abort();
    await running.close();
  });

  const DONE = { status: 204 };
  const streams = ({ res }: { res: { writeHead(status: number): { flushHeaders(): void } } }) => {
    res.writeHead(200).flushHeaders();
    return 'done' as const;
  };
  const ask = (path: string, user?: string, signal = callers.signal) =>
    fetch(running.url + path, { signal, headers: user === undefined ? {} : bearer({ id: idOf(user) }) });
  const idOf = (user: string) => Buffer.from(user.padEnd(12)).toString('hex');

  /** Four at work and two in the queue, each of somebody else. */
  const busy = async () => {
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((user) => ask(`/api/works/${user}`, user));
    for (const reply of all) reply.catch(() => undefined); // left alone at the end
    await eventually(() => working.size === 4);
    await eventually(async () =>
      (await metrics()).includes('ticketing_requests_waiting{compartment="works"} 2'),
    );
  };
  const metrics = async () => (await ask('/metrics')).text();

  test('answers 503 with Retry-After, before the body is read, when it is full; its health and others answer', async () => {
    await busy();
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /api/works HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{',
    );
    const answer = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(String(data))),
    );
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/^Retry-After: 1\r$/m);
    expect(answer).toMatch(/^Content-Type: application\/problem\+json\r$/m);
    for (const path of ['/health', '/alive', '/metrics']) expect((await ask(path)).status).toBe(200);
    const other = ask('/api/others/z', 'z');
    await eventually(() => working.has('z'));
    working.get('z')?.resolve(DONE);
    expect((await other).status).toBe(204);
    expect(await metrics()).toMatch(
      /ticketing_requests_refused_total\{compartment="works",kind="requests",reason="full"\} [1-9]/,
    );
  });

  test('holds a place until the work is done, though the caller has left', async () => {
    const impatient = new AbortController();
    const left = ask('/api/works/a', 'a', impatient.signal);
    await eventually(() => working.has('a'));
    impatient.abort();
    await expect(left).rejects.toThrow();
    expect((await ask('/api/works/b', 'a')).status).toBe(429);
    working.get('a')?.resolve(DONE);
    const next = await eventually(async () => {
      const reply = ask('/api/works/c', 'a');
      await Promise.race([reply, eventually(() => working.has('c'))]);
      working.get('c')?.resolve(DONE);
      return (await reply).status === 204;
    });
    expect(next).toBe(true);
  });

  test('frees the place of work that fails', async () => {
    for (let n = 0; n < 5; n++) {
      const reply = ask(`/api/works/${n}`, 'a');
      await eventually(() => working.has(String(n)));
      working.get(String(n))?.reject(new Error('planted'));
      expect((await reply).status).toBe(500);
    }
  });

  test('tells one user to wait with 429 and Retry-After, and serves another', async () => {
    const first = ask('/api/works/mine', 'a');
    await eventually(() => working.has('mine'));
    const refused = await ask('/api/works/more', 'a');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    const other = ask('/api/works/theirs', 'b');
    await eventually(() => working.has('theirs'));
    for (const { resolve } of working.values()) resolve(DONE);
    expect([(await first).status, (await other).status]).toEqual([204, 204]);
  });

  test('an open stream takes no place of a request, and its own until it is closed', async () => {
    const reader = new AbortController();
    expect((await ask('/api/works/stream', undefined, reader.signal)).status).toBe(200);
    expect((await ask('/api/works/stream')).status).toBe(429); // a tenth of ten for each address
    const reply = ask('/api/works/a', 'a');
    await eventually(() => working.has('a'));
    working.get('a')?.resolve(DONE);
    expect((await reply).status).toBe(204);
    reader.abort();
    await eventually(async () => (await ask('/api/works/stream')).status === 200);
  });
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:DB8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['2001:db8:1:2:3:4::', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
  ['unknown', 'unknown'],
])('who calls from %s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
