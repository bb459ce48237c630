import { createSocket } from 'node:dgram';
import { type EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { run } from './command.ts';

/**
 * A port that nobody listens on, below those that the kernel hands to outgoing connections: nothing takes it while an
 * engine is down and is to come back there. As who asked may not listen for a while, no process that asks here gets it
 * while this one runs.
 */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (await mark(port))) return port;
  }
  throw new Error('no free port between 20000 and 32000');
};

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  const opened = opens(server);
  server.listen(port, '127.0.0.1');
  const free = await opened;
  if (free) {
    server.close();
    await once(server, 'close');
  }
  return free;
};

/** UDP's port of the same number, which nothing here needs, says that it is taken, and is gone with the process. */
const mark = async (port: number): Promise<boolean> => {
  const socket = createSocket('udp4').unref();
  const opened = opens(socket);
  socket.bind(port, '127.0.0.1');
  return opened;
};

const opens = (one: EventEmitter) =>
  once(one, 'listening').then(
    () => true,
    () => false,
  );

const PATIENCE_MS = 8_000;

/** Two processes on one store would spoil it; the engine of a killed suite needs a few seconds to end. */
export const waitForFormerOwner = async (home: string): Promise<void> => {
  const pid = Number(await readFile(join(home, 'engine.pid'), 'utf8').catch(() => '0'));
  const deadline = Date.now() + PATIENCE_MS;
  while (pid > 0 && (await isEngineOf(pid, home))) {
    if (Date.now() > deadline)
      throw new Error(`${home} is in use by the running process ${pid}; stop that one first`);
    await sleep(200);
  }
};

/** The number may belong to another process by now, so its command line must name the folder. */
const isEngineOf = async (pid: number, home: string): Promise<boolean> => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() =>
    run('ps', ['-o', 'args=', '-p', String(pid)], { timeoutMs: 5000 }).catch(() => ''),
  );
  return words.includes(home);
};
