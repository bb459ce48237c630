import { MongoClient, type Db } from 'mongodb';
import type { Running } from './running.ts';

/** Runs `work` with a way to each service's database. */
export async function withDatabases<T>(
  { mongoUrl, mongoUrls = {} }: Pick<Running, 'mongoUrl' | 'mongoUrls'>,
  work: (database: (service: string) => Db) => Promise<T>,
): Promise<T> {
  const clients = new Map<string, MongoClient>();
  const clientOf = (url: string) => {
    const client = clients.get(url) ?? new MongoClient(url, { appName: 'ticketing-tools' });
    clients.set(url, client);
    return client;
  };
  try {
    return await work((service) => clientOf(mongoUrls[service] ?? mongoUrl).db(service));
  } finally {
    await Promise.all([...clients.values()].map((client) => client.close()));
  }
}

/** The services that keep something in MongoDB. */
export const OWNERS = ['auth', 'events', 'tickets', 'orders', 'payments', 'admissions'] as const;
