import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/** What may stand between a visitor and the suite, and how it treats event streams; everything else it hands on. */
export interface Proxy {
  readonly port: number;
  /** How many streams are open and have said something. */
  streams(): number;
  /** What the streams have said. */
  heard(): string;
  /** Keeps what a stream says to itself, until it passes it on again. */
  buffer(yes: boolean): void;
  /** Hands streams on byte by byte. */
  drip(): void;
  /** Ends all streams; new ones are let through. */
  cut(): void;
  close(): Promise<void>;
}

/** A proxy before an origin, which sees requests as if they came from its own pages. */
export async function proxyTo(origin: string): Promise<Proxy> {
  const streams = new Set<ServerResponse>();
  let said = '';
  let dripping = false;
  let passing = Promise.withResolvers<void>();
  passing.resolve();

  const handOn = async (answer: IncomingMessage, res: ServerResponse) => {
    res.on('close', () => {
      streams.delete(res);
      answer.destroy();
    });
    await passing.promise;
    res.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      await passing.promise;
      if (!dripping) res.write(chunk);
      else
        for (const byte of chunk) {
          res.write(Buffer.of(byte));
          await turn();
        }
      said += chunk.toString();
      if (!res.destroyed) streams.add(res);
    }
    res.end();
  };

  const server = createServer((req, res) => {
    const headers = { ...req.headers, ...(req.headers.origin !== undefined && { origin }) };
    const asked = request(new URL(req.url ?? '/', origin), { method: req.method, headers, agent: false });
    asked.on('response', (answer) => {
      if (answer.headers['content-type'] === 'text/event-stream')
        return void handOn(answer, res).catch(() => res.destroy());
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    asked.on('error', () => res.destroy());
    res.on('close', () => asked.destroy());
    req.pipe(asked);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = () => {
    for (const res of streams) res.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    streams: () => streams.size,
    heard: () => said,
    buffer(yes) {
      if (yes) passing = Promise.withResolvers<void>();
      else passing.resolve();
    },
    drip() {
      dripping = true;
    },
    cut,
    async close() {
      passing.resolve();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
