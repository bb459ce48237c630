import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const STREAM = /\r\ncontent-type: text\/event-stream[^]*\r\n\r\n[^]*\n\n\r\n$/i;
/** The last piece of a body in pieces (RFC 9112, 7.1). */
const LAST = '0\r\n\r\n';

/** A way to the suite that changes no byte, except that a stream of events ends after the first of it: a fuzzer waits for ends. */
export async function cutStreams(origin: string): Promise<{ origin: string; close(): void }> {
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    return socket.on('error', () => socket.destroy()).once('close', () => open.delete(socket));
  };
  const server = createServer((near) => {
    const far = keep(connect(Number(new URL(origin).port), '127.0.0.1'));
    keep(near).pipe(far);
    near.once('close', () => far.destroy());
    far.once('close', () => near.end());
    far.on('data', (chunk: Buffer) => {
      near.write(chunk);
      if (!STREAM.test(chunk.toString('latin1'))) return;
      near.write(LAST);
      far.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
