import { connect, type Socket } from 'node:net';

export interface Raw {
  socket: Socket;
  /** What has been answered so far. */
  said(): string;
  /** Resolves with the answer when as much of it is here as `enough` says. Rejects when the connection ends before. */
  until(enough: RegExp): Promise<string>;
  /** Resolves with the answer when the other side has closed the connection. */
  closed: Promise<string>;
}

/** A connection on which any bytes can be sent; `from` is the loopback address that they come from. */
export const raw = (origin: string, bytes: string, from = '127.0.0.1'): Raw => {
  const socket = connect({ port: Number(new URL(origin).port), host: '127.0.0.1', localAddress: from });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  // A reset is an end like another: what was said before it counts.
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  socket.write(bytes, 'latin1');
  return {
    socket,
    said: () => text,
    closed,
    until: (enough) =>
      new Promise((resolve, fail) => {
        const look = () => {
          if (enough.test(text)) resolve(text);
        };
        socket.on('data', look);
        look();
        void closed.then(() => fail(new Error(`closed after ${JSON.stringify(text)}`)));
      }),
  };
};

/** A request as it goes over the wire. */
export const request = (
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
  body = '',
) =>
  [
    `${method} ${path} HTTP/1.1`,
    ...Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n');

export const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
