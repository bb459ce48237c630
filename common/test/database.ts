import { randomBytes } from 'node:crypto';
import { mongoServer } from '../src/mongo.ts';
import type { Database } from '../src/store.ts';

export interface TestDatabase {
  url: string;
  name: string;
  database: Database;
  /** Drops it and closes its connection. */
  destroy(): Promise<void>;
}

/** A database of its own on the run's throw-away replica set. */
export function testDatabase(name = `test-${randomBytes(4).toString('hex')}`): TestDatabase {
  const url = process.env['TEST_MONGO_URL'] ?? '';
  const server = mongoServer(url);
  const database = server.database(name);
  return {
    url,
    name,
    database,
    async destroy() {
      await database.connection?.dropDatabase();
      await server.close();
    },
  };
}
