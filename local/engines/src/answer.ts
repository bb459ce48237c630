import { connect } from 'node:net';

/** What a server says until it closes the connection, or first of all if it is asked nothing; rejects if none is there. */
export const answer = (port: number, question: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
    let text = '';
    socket.on('connect', () => socket.write(question));
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (question === '') socket.end();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
