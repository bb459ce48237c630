import { connect as dial, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { idAt } from './data.ts';
import { request } from './load.ts';
import { type Ground, withService } from './paths.ts';
import { cpu, quiet, rss, type Running } from './processes.ts';

const READERS = 5000;
/** Readers that call from one address of this machine; each address has its share. */
const PER_ADDRESS = 500;
const CHANGES_PER_SECOND = 50;
const TICKETS = 10_000;
/** As many readers stay while slow ones are waited for, which takes megabytes each. */
const FEW = 100;
const SLOW = 5;
/** Long descriptions fill what the kernel keeps for a slow reader sooner. */
const LONG = 'Doors open at seven. '.repeat(95);

export interface Streams {
  readers: number;
  /** Changes a second, and how many were made. */
  rate: number;
  changes: number;
  /** Readers that have seen every one of them. */
  complete: number;
  /** Milliseconds from the write of a change to a reader's socket. */
  p50: number;
  p99: number;
  /** Cores: of the process, of mongod, of the generator with all its readers. */
  cpu: { process: number; mongod: number; generator: number };
  /** Resident MB of the process with all readers. */
  mb: number;
  slow: { readers: number; dropped: number; p99: number };
}

/** Opens streams, writes changes as another process of the service would, and notes when each reader has each. */
export const streams = (ground: Ground, mongod: number, seconds: number): Promise<Streams> =>
  withService(ground, 'tickets', { name: 'streams', count: TICKETS }, (service, db) =>
    measured(service, db, mongod, seconds),
  );

async function measured(
  { port, operationalPort, pid }: Running,
  db: Db,
  mongod: number,
  seconds: number,
): Promise<Streams> {
  const tickets = db.collection<{ _id: string }>('tickets');
  let made = 0;
  const change = (more: object = {}) =>
    tickets.updateOne(
      { _id: idAt(made++ % TICKETS) },
      { $inc: { version: 1, price: 100 }, $set: { updatedAt: new Date(), ...more } },
    );
  const write = async (perSecond: number, until: () => boolean, more?: object) => {
    const start = performance.now();
    const first = made;
    while (!until()) {
      const due = ((performance.now() - start) / 1000) * perSecond;
      while (made - first < due && !until()) await change(more);
      await delay(5);
    }
  };
  const ear = listener();
  const readers: Socket[] = [];
  for (let n = 0; n < READERS; n++) {
    readers.push(await ear.open(port, `127.0.1.${1 + Math.floor(n / PER_ADDRESS)}`));
  }
  await quiet(pid);
  const used = () => Promise.all([pid, mongod, process.pid].map(cpu));
  const before = await used();
  const start = performance.now();
  await write(CHANGES_PER_SECOND, () => performance.now() > start + seconds * 1000);
  const elapsed = performance.now() - start;
  const after = await used();
  const changes = made;
  const complete = () => ear.counts().filter((count) => count === changes).length;
  for (let waited = 0; complete() < READERS && waited < 10_000; waited += 100) await delay(100);
  const cores = after.map((ms, index) => (ms - (before[index] ?? NaN)) / elapsed);
  const mb = await rss(pid);
  const sawAll = complete();
  const [p50, p99] = [ear.quantile(0.5), ear.quantile(0.99)];

  for (const reader of readers.splice(FEW)) reader.destroy();
  let dropped = 0;
  for (let n = 0; n < SLOW; n++) {
    const slow = await ear.open(port, '127.0.2.1');
    slow.pause();
  }
  ear.reset();
  const limit = performance.now() + 120_000;
  const droppedSoFar = async () => {
    const text = await (await fetch(`http://127.0.0.1:${operationalPort}/metrics`)).text();
    return Number(/ticketing_streams_dropped_total\{[^}]*\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  let over = false;
  const watch = (async () => {
    while (!over) {
      dropped = await droppedSoFar();
      over = dropped >= SLOW || performance.now() > limit;
      await delay(250);
    }
  })();
  await write(4 * CHANGES_PER_SECOND, () => over, { description: LONG });
  await watch;
  await delay(1000);
  const slow = { readers: SLOW, dropped, p99: ear.quantile(0.99) };
  for (const reader of readers) reader.destroy();
  return {
    readers: READERS,
    rate: CHANGES_PER_SECOND,
    changes,
    complete: sawAll,
    p50,
    p99,
    cpu: { process: cores[0] ?? NaN, mongod: cores[1] ?? NaN, generator: cores[2] ?? NaN },
    mb,
    slow,
  };
}

/** Reads streams: for each reader how many changes it has, for all how old they were. */
function listener() {
  const counts: number[] = [];
  /** By age in milliseconds. */
  let ages = new Uint32Array(60_000);
  /** What the same bytes say is the same; most readers get the same ones at the same time. */
  let last = { bytes: Buffer.alloc(0), times: [] as number[] };
  const timesIn = (bytes: Buffer) => {
    if (!last.bytes.equals(bytes)) {
      const times = [...bytes.toString('latin1').matchAll(/"updatedAt":"([^"]+)"/g)];
      last = { bytes: Buffer.from(bytes), times: times.map(([, at = '']) => Date.parse(at)) };
    }
    return last.times;
  };
  return {
    open: (port: number, from: string) =>
      new Promise<Socket>((resolve, fail) => {
        const me = counts.push(0) - 1;
        const socket = dial({ port, host: '127.0.0.1', localAddress: from });
        let rest: Buffer | undefined;
        socket.on('connect', () => socket.write(request('GET', '/api/tickets/stream')));
        socket.on('error', fail);
        socket.on('data', (bytes: Buffer) => {
          if (counts[me] === 0 && bytes.includes('HTTP/1.1')) {
            if (bytes.includes(' 200 ')) resolve(socket);
            else fail(new Error(bytes.toString()));
          }
          // A chunk may end within a change: what is not whole waits for the rest.
          const whole = rest ? Buffer.concat([rest, bytes]) : bytes;
          const end = whole.lastIndexOf('\n\n');
          rest = end + 2 < whole.length - 2 ? whole.subarray(end + 2) : undefined;
          const now = Date.now();
          for (const at of timesIn(rest ? whole.subarray(0, end + 2) : whole)) {
            counts[me] = (counts[me] ?? 0) + 1;
            const age = Math.min(ages.length - 1, Math.max(0, now - at));
            ages[age] = (ages[age] ?? 0) + 1;
          }
        });
      }),
    counts: () => counts,
    reset() {
      ages = new Uint32Array(ages.length);
    },
    quantile(q: number) {
      const all = ages.reduce((sum, count) => sum + count, 0);
      let seen = 0;
      return ages.findIndex((count) => (seen += count) >= q * all);
    },
  };
}
