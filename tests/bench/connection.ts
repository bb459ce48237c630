import { connect } from 'node:net';

export interface Reply {
  status: number;
  /** Milliseconds from the request's first byte out to the answer's last byte in. */
  ms: number;
  body: string;
}

/** A kept-alive connection that carries one request at a time. */
export interface Connection {
  /** Rejects when the server closes the connection. */
  ask(bytes: string): Promise<Reply>;
  close(): void;
}

/**
 * By hand on a socket, as the generator shares the machine with what it measures: an answer is its status, its length
 * and its bytes, nothing is parsed. `from` is the address of this machine that it calls from.
 */
export const open = (port: number, from = '127.0.0.1'): Promise<Connection> =>
  new Promise((resolve, fail) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true });
    let asked = 0;
    let status = 0;
    let text = '';
    let length = -1;
    let waiting: PromiseWithResolvers<Reply> | undefined;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (length < 0) {
        const end = text.indexOf('\r\n\r\n');
        if (end < 0) return;
        status = Number(text.slice(9, 12));
        length = status === 204 ? 0 : lengthOf(text);
        text = text.slice(end + 4);
      }
      if (text.length < length) return;
      const reply = { status, ms: performance.now() - asked, body: text };
      text = '';
      length = -1;
      waiting?.resolve(reply);
    });
    const broken = (error: Error) => {
      fail(error);
      waiting?.reject(error);
    };
    socket.on('error', broken);
    socket.on('close', () => broken(new Error('the server closed a connection')));
    socket.on('connect', () =>
      resolve({
        ask(bytes) {
          waiting = Promise.withResolvers();
          asked = performance.now();
          socket.write(bytes);
          return waiting.promise;
        },
        close: () => socket.destroy(),
      }),
    );
  });

const lengthOf = (head: string) => {
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`no Content-Length in ${head}`);
  return Number(length);
};
