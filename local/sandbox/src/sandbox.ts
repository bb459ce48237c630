import express, { type ErrorRequestHandler } from 'express';
import { once as event } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { api } from './api.ts';
import { browserRoutes } from './browser.ts';
import { apiError } from './errors.ts';
import { faultBox, faultRoutes } from './faults.ts';
import { openIdempotency } from './idempotency.ts';
import { openStore } from './store.ts';
import { deliver, type Receiver, wants } from './webhooks.ts';

export interface SandboxSettings {
  mongoUrl: string;
  database?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** The address to listen on; only this machine's own by default. */
  host?: string;
  /** Where events go; none are made without it. */
  webhook?: Receiver;
  /** The only key that is let in; without it any `sk_test_...` is. */
  key?: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export interface Sandbox {
  url: string;
  port: number;
  close: () => Promise<void>;
}

/** Its database is away, or the body cannot be read: in Stripe's shape all the same. */
const broken: ErrorRequestHandler = (error: { status?: number; message?: string }, _req, res, _next) => {
  const { status = 500, message } = error;
  if (status >= 500) console.error('sandbox:', message);
  res.status(status).json({ error: apiError(status, 'The sandbox could not do this').error });
};

/** Who sends half a request is cut off within seconds, by Node's own clock: it looks every 30 s unless told. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 15_000, connectionsCheckingInterval: 1000 };

/** A stand-in for Stripe that the real SDK talks to. Its state is in MongoDB and survives its process. */
export const startSandbox = async (settings: SandboxSettings): Promise<Sandbox> => {
  const {
    mongoUrl,
    database = 'sandbox',
    port: wanted = 0,
    host = '127.0.0.1',
    webhook,
    key,
    now = Date.now,
  } = settings;
  const client = await MongoClient.connect(mongoUrl, { appName: 'sandbox', maxPoolSize: 20 });
  const db = client.db(database);
  const faults = faultBox(now);
  const store = await openStore(db, now, webhook === undefined ? () => false : wants(webhook));
  const { once, flush } = await openIdempotency(db, now);
  const stopDelivery = await deliver(store, webhook, faults, now);
  const app = express()
    .disable('x-powered-by')
    .disable('etag')
    // As Stripe's clients write them: `created[gte]=…`, `types[0]=…`.
    .set('query parser', 'extended')
    .get(['/alive', '/health'], (_req, res) => void res.json({ status: 'ok' }))
    .use('/v1', api(store, once, faults, key, now))
    .use('/sandbox/browser', browserRoutes(store, now))
    .use('/sandbox/faults', faultRoutes(faults))
    .use(broken);
  const server = createServer(LIMITS, app).listen(wanted, host);
  await event(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      server.close();
      server.closeAllConnections();
      await stopDelivery();
      await Promise.all([store.flush(), flush()]);
      await client.close();
    },
  };
};
