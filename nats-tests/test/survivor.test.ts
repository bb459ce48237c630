import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { startNats } from '@ticketing/engines/run';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const FETCH_MS = 300_000; // the first time, the broker is fetched and built
let broker: Awaited<ReturnType<typeof startNats>>;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ticketing-survivor-'));
  broker = await startNats({ dataDir });
}, FETCH_MS);
afterAll(async () => {
  await broker.stop();
  await rm(dataDir, { recursive: true, force: true });
});

let survivors = 0;
/** Starts `survivor.ts` as a process of its own, on a subject of its own, and keeps what it says. */
const survivor = (url: string) => {
  const script = join(import.meta.dirname, 'survivor.ts');
  const args = [script, url, broker.clusterId, `survivor:${++survivors}`];
  const child: ChildProcess = spawn(process.execPath, ['--conditions=source', ...args]);
  const said: Record<string, Set<string>> = {
    accepted: new Set(),
    refused: new Set(),
    got: new Set(),
    restored: new Set(),
  };
  const complaints: string[] = [];
  createInterface(child.stdout!).on('line', (line) => {
    const [what = '', about = ''] = line.split(' ');
    said[what]?.add(about);
  });
  child.stderr!.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  return {
    child,
    complaints,
    said: said as Record<'accepted' | 'refused' | 'got' | 'restored', Set<string>>,
  };
};
/** Waits for what was accepted until now: more is on its way all the time. */
const hears = (accepted: Set<string>, got: Set<string>) => {
  const now = [...accepted];
  return eventually(() => now.every((number) => got.has(number)), { within: 120_000 });
};
const stop = async ({ child }: { child: ChildProcess }) => {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  return (await exited)[0] as number | null;
};

test('a process outlives a broker that is killed again and again, and hears all that the broker accepted', async () => {
  const subject = survivor(broker.url);
  const { accepted, got, restored } = subject.said;
  const progress = async () => {
    const so = accepted.size;
    await eventually(() => accepted.size > so + 20, { within: 120_000 });
  };
  await progress();
  for (let round = 1; round <= 5; round++) {
    await broker.kill();
    await broker.restart();
    await progress();
  }
  await hears(accepted, got);
  expect(restored.size).toBe(5);
  expect(subject.complaints).toEqual([]);
  expect(await stop(subject)).toBe(0);
});

/** Stands between the process and the broker: each new connection gets the next of `manners`, then all pass. */
const proxy = async (manners: ((socket: Socket) => void)[]): Promise<{ close(): void; url: string }> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    (manners.shift() ?? pass())(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const { port } = server.address() as AddressInfo;
  return { close, url: Object.assign(new URL(broker.url), { port: String(port) }).href };
};

/** Passes everything on until the client has sent `bytes`, or the broker has, then does what is told. */
const pass =
  (until: { client?: number; broker?: number } = {}, then: 'cut' | 'fall silent' = 'cut') =>
  (client: Socket) => {
    const far = connect(broker.port, '127.0.0.1').on('error', () => client.destroy());
    const seen = { client: 0, broker: 0 };
    let silent = false;
    const forward = (from: 'client' | 'broker', to: Socket) => (chunk: Buffer) => {
      if (silent) return;
      seen[from] += chunk.length;
      if (seen[from] < (until[from] ?? Infinity)) return void to.write(chunk);
      if (then === 'cut') for (const each of [client, far]) each.destroy();
      silent = true;
    };
    client.on('data', forward('client', far)).on('close', () => far.destroy());
    far.on('data', forward('broker', client)).on('close', () => client.destroy());
  };

const info = 'INFO {"server_id":"x","max_payload":1048576}\r\n';
const stages: ((socket: Socket) => void)[][] = [
  [
    () => {},
    (socket) => void socket.destroy(),
    (socket) => void socket.resetAndDestroy(),
    (socket) => void socket.end(info),
    (socket) => void socket.end(`${info}-ERR 'Authorization Violation'\r\n`),
    (socket) => void socket.end('INFO {"half'),
    (socket) => void socket.end('INFO {"half\r\n'),
    (socket) => void socket.end('MSG surprise 1 2\r\nhi\r\n'),
    ...[200, 400, 700].map((broker) => pass({ broker })),
  ],
  [
    (socket) => void socket.write(`${info}PONG\r\n`),
    pass({ client: 20_000 }, 'fall silent'),
    ...[1000, 2000, 5000].map((broker) => pass({ broker })),
  ],
  [
    pass({ client: 600 }, 'fall silent'),
    (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ...[100, 250, 400, 600, 1000, 5000].map((client) => pass({ client })),
  ],
];

test('a process outlives connections that break or fall silent at every stage of being made', async () => {
  const outlive = async (manners: ((socket: Socket) => void)[]) => {
    const { close, url } = await proxy(manners);
    const subject = survivor(url);
    const { accepted, got } = subject.said;
    const lives = () => {
      if (subject.child.exitCode !== null) throw new Error(`It died: ${subject.complaints.join('')}`);
      return true;
    };
    try {
      await eventually(() => lives() && manners.length === 0, { within: 120_000 });
      const so = accepted.size;
      await eventually(() => lives() && accepted.size > so + 100, { within: 120_000 });
      await hears(accepted, got);
      expect(subject.complaints).toEqual([]);
      expect(await stop(subject)).toBe(0);
    } finally {
      subject.child.kill('SIGKILL');
      close();
    }
  };
  const outcomes = await Promise.allSettled(stages.map(outlive));
  expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
});
