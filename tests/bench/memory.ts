import { setTimeout as delay } from 'node:timers/promises';
import { TEST_KEYS } from '@ticketing/common/testing';
import { type Shape, startSuite } from '../suite.ts';
import { somebody } from './data.ts';
import { load, request } from './load.ts';
import { cpu, processesOf, rss } from './processes.ts';
import { noPurchases, pool, purchase, type Purchases } from './shop.ts';

export interface Memory {
  process: string;
  /** Seconds of its own processor until the suite said that it is ready. */
  start: number;
  /** Resident MB. */
  idle: number;
  loaded: number;
  aim: readonly [idle: number, loaded: number];
}

/** At rest is measured this long after the start, in milliseconds, when the garbage of loading has been collected. */
const REST = 10_000;

/** Starts the suite as a user does, in a folder of its own, and weighs its processes at rest and under load. */
export async function memory(shape: Shape, seconds: number): Promise<Memory[]> {
  const suite = await startSuite(shape, { ...TEST_KEYS, MAX_REQUESTS: '10000' });
  try {
    const pids = await processesOf(suite, shape);
    const started = await Promise.all(pids.map(({ pid }) => cpu(pid)));
    const weigh = () => Promise.all(pids.map(({ pid }) => rss(pid)));
    await delay(REST);
    const idle = await weigh();
    const cookie = somebody();
    const port = Number(new URL(suite.origin).port);
    let asked = 0;
    const highest = idle.map(() => 0);
    const until = { over: false };
    const watch = (async () => {
      while (!until.over) {
        for (const [index, now] of (await weigh()).entries())
          highest[index] = Math.max(highest[index] ?? 0, now);
        await delay(250);
      }
    })();
    const bought = buying(port, until);
    await load({ port, connections: 32, seconds, next: () => mixed(asked++, cookie) });
    until.over = true;
    await watch;
    if ((await bought).paid === 0) throw new Error('memory: nothing was bought');
    return pids.map(({ name }, index) => ({
      process: name,
      start: (started[index] ?? NaN) / 1000,
      idle: idle[index] ?? NaN,
      loaded: highest[index] ?? NaN,
      aim: shape === 'monolith' ? [280, 280] : [160, 200],
    }));
  } finally {
    await suite.destroy();
  }
}

/** One purchase after the other, so that `payments` has something to do too. */
async function buying(port: number, until: { over: boolean }): Promise<Purchases> {
  const { ask, close } = pool(port);
  const tally = noPurchases();
  const seller = somebody();
  while (!until.over) {
    const offer = JSON.stringify({ title: 'Bench, sold', price: 2500 });
    const { body } = await ask(request('POST', '/api/tickets', seller, offer));
    await purchase(ask, (JSON.parse(body) as { id: string }).id, tally);
  }
  close();
  return tally;
}

/** One in ten offers a ticket, the others look: at the list, at oneself, at one's orders. */
const mixed = (turn: number, cookie: { Cookie: string }) => {
  if (turn % 10 === 0) {
    const offer = JSON.stringify({ title: `Bench, seat ${turn}`, price: 2500 });
    return request('POST', '/api/tickets', cookie, offer);
  }
  const paths = ['/api/tickets', '/api/users/currentuser', '/api/orders'];
  return request('GET', paths[turn % paths.length] ?? '/', cookie);
};
