import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Router } from 'express';
import { z } from 'zod';
import { memoryBus } from '../src/bus/memory.ts';
import { type Host, host } from '../src/host.ts';
import { admission, askerOf, networkOf } from '../src/http/admission.ts';
import type { Asker, Door } from '../src/http/door.ts';
import { anyone, type Reply } from '../src/http/route.ts';
import { createMetrics } from '../src/metrics.ts';
import { type Clock, systemClock, systemIds } from '../src/runtime.ts';
import { defineService } from '../src/service.ts';
import { bearer, eventually, TEST_KEYS } from '../src/testing.ts';

/** A clock whose sleepers wake when the test says so. */
const stillClock = () => {
  let sleepers: { ms: number; resolve: () => void }[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => new Date(now),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        sleepers.push({ ms, resolve });
        signal?.addEventListener('abort', () => resolve());
      }),
  };
  /** Those whose sleep is no longer than that, or all. */
  const wake = (longest = Infinity) => {
    for (const { ms, resolve } of sleepers) if (ms <= longest) resolve();
    sleepers = sleepers.filter(({ ms }) => ms > longest);
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { clock, wake, pass };
};

describe('the door of a service with four places', () => {
  const open = (requests = 4) => {
    const { clock, wake, pass } = stillClock();
    let load = 0;
    const gate = admission({
      requests,
      streams: 10,
      clock,
      metrics: createMetrics(),
      utilization: () => load,
    });
    const stop = new AbortController();
    void gate.follow(stop.signal);
    /** Lets `beats` pass at this load. */
    const at = async (utilization: number, beats: number) => {
      load = utilization;
      for (let beat = 0; beat < beats; beat++) {
        wake(100);
        await new Promise(setImmediate);
      }
    };
    return { gate, door: gate.door('works', 'requests'), wake, pass, at };
  };
  const one = (n: number): Asker => ({ who: 'user', key: `somebody ${n}` });
  const full = { code: 'unavailable', retryAfter: 1 };
  const greedy = { code: 'too-many', retryAfter: 1 };
  /** How many are let in at once; all of them leave again, and so does who waited and then had a place. */
  const places = (door: Door) => {
    let count = 0;
    while (door.enter(one(count)) === undefined) count += 1;
    for (let n = 0; n <= count; n++) door.leave(one(n));
    return count;
  };

  const WAITING = [4, 5, 6, 7, 8, 9, 10, 11];
  /** Four at work and eight in the queue, which is all there is room for. */
  const crowd = () => {
    const opened = open();
    const { door } = opened;
    for (let n = 0; n < 4; n++) expect(door.enter(one(n))).toBeUndefined();
    const turns: number[] = [];
    const queue = WAITING.map(async (n) => {
      const refusal = await door.enter(one(n));
      if (!refusal) turns.push(n);
      return refusal;
    });
    return { ...opened, turns, queue };
  };

  test('refuses at once who finds neither a place nor room in the queue', () => {
    const { door } = crowd();
    expect(door.refusal(one(12))).toMatchObject(full);
    expect(door.enter(one(12))).toMatchObject(full);
  });

  test('gives a place that is free again to who waits longest', async () => {
    const { door, turns, queue } = crowd();
    door.leave(one(0));
    await queue[0];
    expect(turns).toEqual([4]);
    expect(door.refusal(one(12))).toBeUndefined(); // the queue has room again
    door.leave(one(1));
    await queue[1];
    expect(turns).toEqual([4, 5]);
  });

  test('has as many places as before when all have left', async () => {
    const { door, queue } = crowd();
    for (let n = 0; n < 4; n++) door.leave(one(n));
    for (const n of WAITING) {
      await queue[n - 4];
      door.leave(one(n));
    }
    expect(places(door)).toBe(4);
  });

  test('refuses who has waited too long, and takes no place for them', async () => {
    const { door, wake, queue } = crowd();
    wake();
    expect(await Promise.all(queue)).toEqual(WAITING.map(() => expect.objectContaining(full)));
    for (let n = 0; n < 4; n++) door.leave(one(n));
    expect(places(door)).toBe(4);
  });

  test('has places left for webhooks though shoppers wait, and bounds them too', async () => {
    const { door, turns, queue } = crowd();
    for (let n = 0; n < 2; n++) expect(door.enter()).toBeUndefined();
    expect(door.enter()).toMatchObject(full);
    for (let n = 0; n < 2; n++) door.leave();
    await new Promise(setImmediate);
    expect(turns).toEqual([]); // their places are not the shoppers'
    door.leave(one(0));
    await queue[0];
    expect(turns).toEqual([4]);
  });

  test.each(['user', 'address'] as const)(
    'of 64 places one %s alone gets all but the last quarter, which is for who has less than a share',
    async (who) => {
      const { door, wake } = open(64);
      const me: Asker = { who, key: 'me' };
      for (let n = 0; n < 48; n++) expect(door.enter(me)).toBeUndefined();
      const more = Promise.resolve(door.enter(me));
      for (let n = 0; n < 16; n++) expect(door.enter(one(n))).toBeUndefined();
      wake();
      expect(await more).toMatchObject(greedy);
    },
  );

  /** Somebody enters so often; `order` tells who had a place when. */
  const asks = async (door: Door, key: string, times: number, order: string[]) => {
    const one = async () => {
      const refusal = await door.enter({ who: 'user', key });
      order.push(refusal ? `${key}: ${refusal.code}` : key);
    };
    await Promise.all(Array.from({ length: times }, one));
  };

  test('who waits gets places in turns, however many another waits with', async () => {
    const { door } = open(16);
    const order: string[] = [];
    void asks(door, 'greedy', 12, []);
    for (let n = 0; n < 4; n++) expect(door.enter(one(n))).toBeUndefined();
    void asks(door, 'greedy', 20, order);
    void asks(door, 'ann', 2, order);
    void asks(door, 'ben', 1, order);
    for (let n = 0; n < 4; n++) door.leave(one(n));
    await new Promise(setImmediate);
    expect(order).toEqual(['ann', 'ben', 'ann']); // of the last quarter, which is not for the greedy one
    for (let n = 0; n < 4; n++) door.leave({ who: 'user', key: 'greedy' });
    await new Promise(setImmediate);
    expect(order.slice(3)).toEqual(['greedy']); // of the others one is free
  });

  test('where all wait that may, who waits with most gives way to who waits with less', async () => {
    const { door } = open();
    const order: string[] = [];
    for (let n = 0; n < 4; n++) expect(door.enter(one(n))).toBeUndefined();
    void asks(door, 'ben', 1, order);
    void asks(door, 'greedy', 7, order);
    expect(door.refusal({ who: 'user', key: 'greedy' })).toMatchObject(greedy);
    void asks(door, 'ann', 1, order);
    await new Promise(setImmediate);
    expect(order).toEqual(['greedy: too-many']);
    for (let n = 0; n < 3; n++) door.leave(one(n));
    await new Promise(setImmediate);
    expect(order.slice(1)).toEqual(['ben', 'greedy', 'ann']);
  });

  test('an address, behind which many may be, has four turns for each of a user', async () => {
    const { door } = open(16);
    const order: string[] = [];
    for (let n = 0; n < 16; n++) expect(door.enter(one(n))).toBeUndefined();
    const many = async () => {
      if (!(await door.enter({ who: 'address', key: 'many' }))) order.push('many');
    };
    for (let n = 0; n < 10; n++) void many();
    void asks(door, 'ann', 2, order);
    for (let n = 0; n < 10; n++) door.leave(one(n));
    await new Promise(setImmediate);
    expect(order).toEqual([...Array<string>(4).fill('many'), 'ann', ...Array<string>(4).fill('many'), 'ann']);
  });

  test('who waits gets the places that come back when the process has time again', async () => {
    const { door, at } = open(64);
    await at(0.99, 30);
    for (let n = 0; n < 8; n++) expect(door.enter(one(n))).toBeUndefined();
    const order: string[] = [];
    void asks(door, 'ann', 1, order);
    void asks(door, 'ben', 1, order);
    await at(0.2, 1);
    expect(order).toEqual(['ann']);
    await at(0.2, 1);
    expect(order).toEqual(['ann', 'ben']);
  });

  test('of streams, which stay open, nobody has more than a share though others are free', () => {
    const streams = open().gate.door('works', 'streams');
    const me: Asker = { who: 'address', key: 'me' };
    expect(streams.enter(me)).toBeUndefined();
    expect(streams.enter(me)).toMatchObject(greedy);
    expect(streams.enter(one(1))).toBeUndefined();
    streams.leave(me);
    expect(streams.enter(me)).toBeUndefined();
  });

  describe('is congested where who finishes waits long', () => {
    /** Sixteen places, two for each of eight payers, which is a share; somebody waits so long for one. */
    const waited = async (ms: number, who: Asker = one(16), finished = true) => {
      const { gate, pass, wake } = open(64);
      const payments = gate.door('works', 'finishing');
      for (let n = 0; n < 16; n++) expect(payments.enter(one(n % 8))).toBeUndefined();
      const waiting = Promise.resolve(payments.enter(who));
      pass(ms);
      for (let n = 0; n < 8; n++) payments.leave(one(n), true);
      expect(await waiting).toBeUndefined();
      expect(gate.congested('works')).toBe(false);
      payments.leave(who, finished);
      return { gate, pass, wake, payments };
    };

    test('for a second; a clock that is put back does not prolong it', async () => {
      const { gate, pass } = await waited(500);
      expect(gate.congested('works')).toBe(true);
      expect(gate.congested('others')).toBe(false);
      pass(-5000);
      expect(gate.congested('works')).toBe(false);
      pass(5999);
      expect(gate.congested('works')).toBe(true);
      pass(1);
      expect(gate.congested('works')).toBe(false);
    });

    test.each([
      ['who waits less', 499, one(16), true],
      ['who asks for more than their share', 500, one(7), true],
      ['who finishes nothing', 500, one(16), false],
    ] as const)('but not by %s', async (_who, ms, who, finished) => {
      const { gate } = await waited(ms, who, finished);
      expect(gate.congested('works')).toBe(false);
    });

    test('nor by who is refused, nor by other requests', async () => {
      const { gate, wake, pass } = open(64);
      const payments = gate.door('works', 'finishing');
      for (let n = 0; n < 16; n++) expect(payments.enter(one(n % 8))).toBeUndefined();
      const door = gate.door('works', 'requests');
      for (let n = 0; n < 64; n++) expect(door.enter(one(n))).toBeUndefined();
      const [refused, served] = [payments.enter(one(16)), door.enter(one(64))];
      pass(500);
      door.leave(one(0), true);
      expect(await served).toBeUndefined();
      door.leave(one(64), true);
      wake();
      expect(await refused).toMatchObject(full);
      expect(gate.congested('works')).toBe(false);
    });
  });

  test('has fewer places while the process has no time left, an eighth at least, and all of them again after; for what ends what was begun as many as ever', async () => {
    const { gate, door, at } = open(64);
    const finishing = gate.door('works', 'finishing');
    await at(0.99, 3);
    const some = places(door);
    expect(some).toBeLessThan(64);
    expect(some).toBeGreaterThan(8);
    await at(0.99, 30);
    expect(places(door)).toBe(8);
    expect(places(finishing)).toBe(16);
    await at(0.5, 100);
    expect(places(door)).toBe(64);
  });

  test('is not that of another service', () => {
    const { gate } = crowd();
    expect(gate.door('others', 'requests').enter(one(0))).toBeUndefined();
  });
});

test('a user is the same wherever they call from; who is not signed in is their network', () => {
  const from = (ip: string, id?: string) => askerOf(id === undefined ? undefined : { id }, { ip }).key;
  expect(from('203.0.113.7', 'ann')).toBe(from('198.51.100.1', 'ann'));
  expect(from('2001:db8::1')).toBe(from('2001:db8::2'));
  expect(from('203.0.113.7')).not.toBe(from('203.0.113.8'));
});

/** On this clock, which only the test moves, nobody waits too long for a place, and the load changes nothing. */
let ahead = 0;
const START = Date.now();
const patient: Clock & { forward(ms: number): void } = {
  now: () => new Date(START + ahead),
  forward(ms) {
    ahead += ms;
  },
  sleep: (ms, signal) =>
    ms === 0 || ms > 1000
      ? systemClock.sleep(ms, signal)
      : new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
};

describe('a process', () => {
  let running: Host;
  let working: Map<string, PromiseWithResolvers<Reply>>;
  let callers: AbortController;
  let bus: ReturnType<typeof memoryBus>;

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
        setup: ({ publish }) => ({
          routes: Router()
            .get(`/api/${name}/stream`, anyone({ summary: 'Streams', replies: { 200: 'stream' } }, streams))
            .post(
              `/api/${name}`,
              anyone({ summary: 'Says', body: z.object({}), replies: {} }, () => DONE),
            )
            .put(
              `/api/${name}/:name`,
              anyone({ summary: 'Finishes', params, replies: {}, finishing: true }, async (asked) => {
                const reply = await work(asked);
                await publish({ id: 'x', type: 'work:finished', subject: 'x', data: {} });
                return reply;
              }),
            )
            .get(`/api/${name}/:name`, anyone({ summary: 'Works', params, replies: {} }, work)),
        }),
      });
    bus = memoryBus();
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
        OPERATIONAL_PORT: '0',
        ...TEST_KEYS,
        PUBLIC_ORIGIN: 'http://localhost:3000',
        LOG_LEVEL: 'silent',
        DRAIN_SECONDS: '0',
        MAX_REQUESTS: '16',
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
  const MADE = { status: 201, body: {} };
  const streams = ({ res }: { res: { writeHead(status: number): { flushHeaders(): void } } }) => {
    res.writeHead(200).flushHeaders();
    return 'done' as const;
  };
  const ask = (path: string, user?: string, signal = callers.signal, method = 'GET') =>
    fetch(running.url + path, {
      method,
      signal,
      headers: user === undefined ? {} : bearer({ id: idOf(user) }),
    });
  const idOf = (user: string) => Buffer.from(user.padEnd(12)).toString('hex');

  /** All sixteen places taken, thirty-two in the queue, each of somebody else. */
  const busy = async () => {
    const all = Array.from({ length: 48 }, (_, n) => ask(`/api/works/${n}`, `user ${n}`));
    for (const reply of all) reply.catch(() => undefined); // left alone at the end
    await eventually(() => working.size === 16);
    await eventually(async () =>
      (await metrics()).includes('ticketing_requests_waiting{compartment="works",kind="requests"} 32'),
    );
  };
  const metrics = async () => (await fetch(`${running.operationalUrl}/metrics`)).text();

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
    for (const path of ['/health', '/alive', '/metrics'])
      expect((await fetch(running.operationalUrl + path)).status).toBe(200);
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
    const left = Array.from({ length: 16 }, (_, n) => ask(`/api/works/${n}`, `user ${n}`, impatient.signal));
    await eventually(() => working.size === 16);
    impatient.abort();
    await Promise.allSettled(left);
    const next = ask('/api/works/next', 'e');
    next.catch(() => undefined);
    await eventually(async () =>
      (await metrics()).includes('ticketing_requests_waiting{compartment="works",kind="requests"} 1'),
    );
    working.get('0')?.resolve(DONE);
    await eventually(() => working.has('next'));
  });

  test('frees the place of work that fails', async () => {
    for (let n = 0; n < 5; n++) {
      const reply = ask(`/api/works/${n}`, 'a');
      await eventually(() => working.has(String(n)));
      working.get(String(n))?.reject(new Error('planted'));
      expect((await reply).status).toBe(500);
    }
  });

  test('lets a user have what is free, tells them to wait with 429 and Retry-After when that is used up, and serves another', async () => {
    const mine = Array.from({ length: 44 }, (_, n) => ask(`/api/works/${n}`, 'a'));
    for (const reply of mine) reply.catch(() => undefined); // left alone at the end
    await eventually(() => working.size === 12);
    await eventually(async () =>
      (await metrics()).includes('ticketing_requests_waiting{compartment="works",kind="requests"} 32'),
    );
    const refused = await ask('/api/works/more', 'a');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    const other = ask('/api/works/theirs', 'b');
    await eventually(() => working.has('theirs'));
    working.get('theirs')?.resolve(DONE);
    expect((await other).status).toBe(204);
  });

  test('tells with what it publishes that who came to finish something waited long', async () => {
    const told: { congested?: boolean }[] = [];
    const handle = async (message: string) => void told.push(JSON.parse(message) as (typeof told)[number]);
    bus.subscribe({ subject: 'work:finished', group: 'test', handle });
    const finishing = Array.from({ length: 5 }, async (_, n) => {
      const reply = await ask(`/api/works/${n}`, `user ${n}`, callers.signal, 'PUT');
      expect(reply.status).toBe(201);
    });
    await eventually(async () =>
      (await metrics()).includes('ticketing_requests_waiting{compartment="works",kind="finishing"} 1'),
    );
    patient.forward(500);
    for (let n = 0; n < 5; n++) {
      await eventually(() => working.size > n);
      [...working.values()][n]?.resolve(MADE);
    }
    await Promise.all(finishing);
    // The last one has left its place by then.
    await eventually(async () =>
      (await metrics()).includes('ticketing_requests_waiting{compartment="works",kind="finishing"} 0'),
    );
    const last = ask('/api/works/last', 'user last', callers.signal, 'PUT');
    await eventually(() => working.has('last'));
    working.get('last')?.resolve(MADE);
    expect((await last).status).toBe(201);
    expect([told[0]?.congested, told.at(-1)?.congested]).toEqual([undefined, true]);
  });

  test('does not begin for a caller who left while they waited', async () => {
    await busy();
    const impatient = new AbortController();
    const left = ask('/api/works/left', 'left', impatient.signal);
    impatient.abort();
    await expect(left).rejects.toThrow();
    for (let n = 0; n < 48; n++) {
      await eventually(() => working.size > n);
      [...working.values()][n]?.resolve(DONE);
    }
    const next = ask('/api/works/next', 'next');
    await eventually(() => working.has('next'));
    working.get('next')?.resolve(DONE);
    expect((await next).status).toBe(204);
    expect(working.has('left')).toBe(false);
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
