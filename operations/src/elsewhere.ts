import { z } from 'zod';
import { type Environment, parseConfig } from '@ticketing/common/config';
import type { Running } from './running.ts';

const mongoUrl = z.string().regex(/^mongodb(\+srv)?:\/\//, 'must be a mongodb:// connection string');

const Elsewhere = z.object({
  AUTH_MONGO_URL: mongoUrl,
  EVENTS_MONGO_URL: mongoUrl,
  TICKETS_MONGO_URL: mongoUrl,
  ORDERS_MONGO_URL: mongoUrl,
  PAYMENTS_MONGO_URL: mongoUrl,
  ADMISSIONS_MONGO_URL: mongoUrl,
  PUBLIC_ORIGIN: z.url().default('https://ticketing.dev'),
  STRIPE_URL: z.url().optional(),
  STRIPE_KEY: z.string().optional(),
});

/** A suite that this machine did not start, such as one on Kubernetes; undefined unless the environment names it. */
export function elsewhere(env: Environment): Running | undefined {
  if (!env['ORDERS_MONGO_URL']) return undefined;
  const config = parseConfig(Elsewhere, env);
  return {
    shape: 'services',
    origin: config.PUBLIC_ORIGIN,
    pid: process.pid,
    mongoUrl: config.ORDERS_MONGO_URL,
    mongoUrls: {
      auth: config.AUTH_MONGO_URL,
      events: config.EVENTS_MONGO_URL,
      tickets: config.TICKETS_MONGO_URL,
      orders: config.ORDERS_MONGO_URL,
      payments: config.PAYMENTS_MONGO_URL,
      admissions: config.ADMISSIONS_MONGO_URL,
    },
    ...(config.STRIPE_URL !== undefined && { sandboxUrl: config.STRIPE_URL }),
    ...(config.STRIPE_KEY !== undefined && { sandboxKey: config.STRIPE_KEY }),
  };
}
