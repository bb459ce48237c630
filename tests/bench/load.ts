import { open, type Reply } from './connection.ts';

interface Load {
  port: number;
  connections: number;
  seconds: number;
  /** The bytes of the next request, or undefined when there is nothing left to ask. */
  next(): string | undefined;
}

export interface Loaded {
  replies: Pick<Reply, 'status' | 'ms'>[];
  /** Seconds from the first request to the last answer. */
  elapsed: number;
}

/** Keeps `connections` requests in flight over kept-alive connections: a closed loop. */
export async function load({ port, connections, seconds, next }: Load): Promise<Loaded> {
  const replies: Pick<Reply, 'status' | 'ms'>[] = [];
  const start = performance.now();
  const until = start + seconds * 1000;
  const one = async () => {
    const connection = await open(port);
    while (performance.now() < until) {
      const bytes = next();
      if (bytes === undefined) break;
      const { status, ms } = await connection.ask(bytes);
      replies.push({ status, ms });
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, one));
  return { replies, elapsed: (performance.now() - start) / 1000 };
}

/** A request's bytes. */
export const request = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
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
