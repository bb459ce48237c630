import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@ticketing/common/testing';
import { type Wire, wireTo } from './wire.ts';

let echo: Server;
let far: Socket[];
let wire: Wire;

beforeEach(async () => {
  far = [];
  echo = createServer((socket) => {
    far.push(socket);
    socket.on('error', () => undefined).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  wire = await wireTo((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  await wire.close();
  for (const socket of far) socket.destroy();
  echo.close();
});

const open = async () => {
  const socket = connect(wire.port, '127.0.0.1');
  let heard = '';
  let closed = false;
  socket.on('error', () => undefined).on('close', () => (closed = true));
  socket.on('data', (bytes) => (heard += String(bytes)));
  await once(socket, 'connect');
  const hears = async (text: string) => {
    socket.write(text);
    await eventually(() => heard.endsWith(text));
  };
  return { socket, hears, heard: () => heard, closed: () => closed };
};

/** Long enough for bytes that pass. */
const PASSING = 100;

test('what goes in comes out, in order', async () => {
  const { hears } = await open();
  await hears('one');
  await hears('two');
});

test('a cut ends connections at both ends, and new ones pass', async () => {
  const first = await open();
  await first.hears('before');
  wire.cut();
  await eventually(() => first.closed() && far[0]?.destroyed === true);
  await (await open()).hears('after');
});

test('a wire that refuses takes no connection until it is healed', async () => {
  wire.refuse();
  const refused = await open();
  await eventually(refused.closed);
  wire.heal();
  await (await open()).hears('again');
});

test('a wire that hangs loses nothing: what waited arrives', async () => {
  const { socket, hears, heard, closed } = await open();
  await hears('before ');
  wire.hang();
  socket.write('meanwhile');
  await delay(PASSING);
  expect([heard(), closed()]).toEqual(['before ', false]);
  wire.heal();
  await eventually(() => heard() === 'before meanwhile');
});

test('a half-open connection swallows what is said, and new ones pass', async () => {
  const { socket, hears, heard, closed } = await open();
  await hears('before');
  wire.halfOpen();
  await eventually(() => far[0]?.destroyed === true);
  socket.write('nobody hears');
  await delay(PASSING);
  expect([heard(), closed()]).toEqual(['before', false]);
  await (await open()).hears('after');
});

test('a slow wire takes its time', async () => {
  const { hears } = await open();
  wire.slow(100);
  const start = performance.now();
  await hears('there and back');
  expect(performance.now() - start).toBeGreaterThanOrEqual(190);
});
