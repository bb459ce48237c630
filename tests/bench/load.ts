import { connect } from 'node:net';

export interface Reply {
  status: number;
  /** Milliseconds from the request's first byte out to the answer's last byte in. */
  ms: number;
}

interface Load {
  port: number;
  connections: number;
  seconds: number;
  /** The bytes of the next request, or undefined when there is nothing left to ask. */
  next(): string | undefined;
}

export interface Loaded {
  replies: Reply[];
  /** Seconds from the first request to the last answer. */
  elapsed: number;
}

/**
 * Keeps `connections` requests in flight over kept-alive connections (a closed loop). By hand on a socket, as the
 * generator shares the machine with what it measures: an answer is its status and its length, nothing is parsed.
 */
export async function load({ port, connections, seconds, next }: Load): Promise<Loaded> {
  const replies: Reply[] = [];
  const start = performance.now();
  const until = start + seconds * 1000;
  const one = () =>
    new Promise<void>((resolve, fail) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let asked = 0;
      let status = 0;
      let head = '';
      let missing = -1;
      const ask = () => {
        asked = performance.now();
        const request = asked < until ? next() : undefined;
        if (request === undefined) {
          socket.destroy();
          resolve();
        } else socket.write(request);
      };
      socket.on('data', (bytes: Buffer) => {
        if (missing < 0) {
          head += bytes.toString('latin1');
          const end = head.indexOf('\r\n\r\n');
          if (end < 0) return;
          status = Number(head.slice(9, 12));
          missing = lengthOf(head) - (head.length - end - 4);
          head = '';
        } else missing -= bytes.length;
        if (missing > 0) return;
        missing = -1;
        replies.push({ status, ms: performance.now() - asked });
        ask();
      });
      socket.on('error', fail);
      socket.on('close', () => fail(new Error('the server closed a connection')));
      socket.on('connect', ask);
    });
  await Promise.all(Array.from({ length: connections }, one));
  return { replies, elapsed: (performance.now() - start) / 1000 };
}

const lengthOf = (head: string) => {
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`no Content-Length in ${head}`);
  return Number(length);
};

/** A request's bytes. */
export const request = (
  method: 'GET' | 'POST',
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
    '',
    body ?? '',
  ].join('\r\n');

export const quantile = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);
