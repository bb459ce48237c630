import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A stretch of network between the suite and an engine, on which something can go wrong. */
export interface Wire {
  readonly port: number;
  /** Ends every connection; new ones are let through. */
  cut(): void;
  /** Ends every connection and takes no new one, until `heal`. */
  refuse(): void;
  /** No byte passes and nobody is told, until `heal`: then all of them arrive. */
  hang(): void;
  /** The engine loses every connection and the suite is not told: what it says there reaches nobody, for good. */
  halfOpen(): void;
  /** Every byte takes so many milliseconds. */
  slow(ms: number): void;
  heal(): void;
  close(): Promise<void>;
}

interface Pair {
  near: Socket;
  far: Socket;
  /** Half open: the far end is gone. */
  deaf: boolean;
}

/** A TCP proxy before a port of this machine. */
export async function wireTo(port: number): Promise<Wire> {
  const pairs = new Set<Pair>();
  let latency = 0;
  let refusing = false;
  let hanging = Promise.withResolvers<void>();
  hanging.resolve();

  const end = (pair: Pair) => {
    pairs.delete(pair);
    pair.near.destroy();
    pair.far.destroy();
  };

  /** Passes on what comes, in order, as the wire is at that moment. */
  const pump = (pair: Pair, from: Socket, to: Socket) => {
    let last = Promise.resolve();
    const next = (act: () => void) => {
      const due = Date.now() + latency;
      last = last.then(async () => {
        if (due > Date.now()) await delay(due - Date.now());
        await hanging.promise;
        act();
      });
    };
    from.on('data', (bytes) => next(() => !pair.deaf && !to.destroyed && to.write(bytes)));
    from.on('error', () => undefined);
    from.on('close', () => {
      if (!pair.deaf || from === pair.near) next(() => end(pair));
    });
  };

  const server = createServer((near) => {
    if (refusing) return void near.destroy();
    const pair = { near, far: connect(port, '127.0.0.1'), deaf: false };
    near.setNoDelay();
    pair.far.setNoDelay();
    pairs.add(pair);
    pump(pair, near, pair.far);
    pump(pair, pair.far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = () => {
    for (const pair of [...pairs]) end(pair);
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    refuse() {
      refusing = true;
      cut();
    },
    hang() {
      hanging = Promise.withResolvers();
    },
    halfOpen() {
      for (const pair of pairs) {
        pair.deaf = true;
        pair.far.destroy();
      }
    },
    slow(ms) {
      latency = ms;
    },
    heal() {
      latency = 0;
      refusing = false;
      hanging.resolve();
    },
    async close() {
      hanging.resolve();
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

/** The URL of what is behind a wire, by way of the wire. */
export const through = ({ port }: Wire, url: string): string =>
  Object.assign(new URL(url), { port: String(port) }).href;
