import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { type Document, MongoClient, ObjectId } from 'mongodb';
import { ready } from './processes.ts';

/**
 * The floor: the same database operations by the plain driver behind a bare `node:http` server, and nothing around
 * them: no validation, no sign-in (but for `currentuser`), no errors, no metrics, no trace, no headers.
 */
const { MONGO_URL = '', TOKEN_PUBLIC_KEYS = '' } = process.env;
const client = await MongoClient.connect(MONGO_URL, { maxPoolSize: 50 });
type Doc = Document & { _id: string };
const orders = client.db().collection<Doc>('orders');
const tickets = client.db().collection<Doc>('tickets');

const INTERNAL = { holds: 0, pending: 0 };
const LIVE = { $in: ['created', 'awaiting:payment', 'complete'] };

const answer = (res: ServerResponse, status: number, body: unknown) => {
  res.statusCode = status;
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.end(JSON.stringify(body));
};

const read = async (req: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as { ticketIds: string[] };
};

let published: [order: string, marker: string][] = [];
/** What was published since loses its marker in one write, as long after the first as in the suite. */
const clear = async () => {
  const batch = published;
  published = [];
  await orders.updateMany(
    { _id: { $in: batch.map(([order]) => order) }, 'pending.id': { $in: batch.map(([, marker]) => marker) } },
    { $unset: { pending: '' } },
  );
};

async function reserve(req: IncomingMessage, res: ServerResponse) {
  const { ticketIds } = await read(req);
  const ids = { $in: ticketIds };
  const found = await tickets.find({ _id: ids }).toArray();
  const { saleId, currency } = found[0] as Doc & { saleId: string; currency: string };
  const holders = await orders
    .find({ saleId, 'items.ticketId': ids, status: LIVE }, { projection: { items: 1 } })
    .toArray();
  if (holders.length > 0) {
    answer(res, 409, { status: 409 });
    return;
  }
  const now = new Date();
  const id = new ObjectId().toHexString();
  const state = {
    userId: saleId,
    saleId,
    status: 'created',
    items: found.map(({ _id, version, title, price, sellerId }) => ({
      ticketId: _id,
      ticketVersion: version as number,
      title: title as string,
      price: price as number,
      sellerId: sellerId as string,
    })),
    total: 2500,
    currency,
    expiresAt: new Date(now.getTime() + 900_000),
    version: 0,
    createdAt: now,
    updatedAt: now,
  };
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const pending = { id: `${id}:0`, at: now, trace };
  await orders.insertOne({ _id: id, ...state, payments: {}, pending });
  if (published.push([id, pending.id]) === 1) setTimeout(() => void clear(), 500);
  const withdrawn = await tickets.findOne({ _id: ids, deletedAt: { $ne: null } }, { projection: { _id: 1 } });
  answer(res, withdrawn === null ? 201 : 404, { id, ...state });
}

const [jwk] = (JSON.parse(TOKEN_PUBLIC_KEYS) as { keys: [JsonWebKey] }).keys;
const key = createPublicKey({ key: jwk, format: 'jwk' });
const currentUser = (req: IncomingMessage) => {
  const session = /session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1] ?? '';
  const token = (JSON.parse(Buffer.from(session, 'base64').toString()) as { jwt: string }).jwt;
  const { sub, email, roles } = jwt.verify(token, key, {
    algorithms: ['ES256'],
    issuer: 'ticketing/auth',
    audience: 'ticketing',
  }) as jwt.JwtPayload;
  return { currentUser: { id: sub, email: email as string, roles: roles as string[] } };
};

/** Answers that it was given, by their paths. */
const kept = new Map<string, Buffer>();
async function keep(req: IncomingMessage, res: ServerResponse, path: string) {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  kept.set(path, Buffer.concat(chunks));
  answer(res, 201, {});
}
const tell = (res: ServerResponse, bytes: Buffer) => {
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.end(bytes);
};

async function serve(req: IncomingMessage, res: ServerResponse) {
  const url = req.url ?? '';
  const bytes = kept.get(url);
  if (bytes) {
    tell(res, bytes);
    return;
  }
  if (url.startsWith('/kept')) {
    await keep(req, res, url.slice('/kept'.length));
    return;
  }
  if (url === '/write') {
    await orders.insertOne({ _id: new ObjectId().toHexString(), at: new Date() });
    answer(res, 201, {});
  } else if (req.method === 'POST') await reserve(req, res);
  else if (url === '/api/users/currentuser') answer(res, 200, currentUser(req));
  else if (url.startsWith('/api/tickets?')) {
    const price = { $gte: Number(new URL(url, 'http://floor').searchParams.get('minPrice')) };
    const page = tickets.find(
      { deletedAt: null, price },
      { sort: { price: 1, _id: 1 }, limit: 51, projection: INTERNAL },
    );
    answer(res, 200, await page.toArray());
  } else if (url === '/api/tickets') {
    const page = tickets.find({ deletedAt: null }, { sort: { _id: -1 }, limit: 51, projection: INTERNAL });
    answer(res, 200, await page.toArray());
  } else answer(res, 200, await tickets.findOne({ _id: url.slice(13) }, { projection: INTERNAL }));
}

const server = createServer((req, res) => {
  serve(req, res).catch((error: unknown) => {
    answer(res, 500, { message: String(error) });
  });
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port, 0));
