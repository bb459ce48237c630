import { MongoClient, type Db } from 'mongodb';
import type { Running } from './running.ts';

/** Runs `work` with a way to each service's database. */
export async function withDatabases<T>(
  { mongoUrl }: Pick<Running, 'mongoUrl'>,
  work: (database: (service: string) => Db) => Promise<T>,
): Promise<T> {
  const client = await MongoClient.connect(mongoUrl, { appName: 'ticketing-tools' });
  try {
    return await work((service) => client.db(service));
  } finally {
    await client.close();
  }
}

/** The services that keep something in MongoDB. */
export const OWNERS = ['auth', 'tickets', 'orders', 'payments'] as const;
