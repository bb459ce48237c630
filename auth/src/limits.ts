import type { Connection } from 'mongoose';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import { reject, type Rejection } from '@ticketing/common/rejection';
import { limitModel } from './model.ts';

/** Counts tries; resolves with a refusal once there were too many. */
export interface Limit {
  take(key: string): Promise<Rejection | undefined>;
  /** Forgets the tries of one who proved to be the right one. */
  forgive(key: string): Promise<void>;
}

export const unlimited: Limit = {
  take: () => Promise.resolve(undefined),
  forgive: () => Promise.resolve(),
};

/** At most `points` tries per `seconds` for each key, counted in the service's own database, so over all replicas. */
export function limit(connection: Connection, name: string, points: number, seconds: number): Limit {
  let limiter: RateLimiterMongo | undefined;
  const open = () =>
    (limiter ??= new RateLimiterMongo({
      storeClient: connection.getClient(),
      dbName: connection.name,
      tableName: limitModel.name,
      disableIndexesCreation: true,
      keyPrefix: name,
      points,
      duration: seconds,
    }));
  return {
    async forgive(key) {
      await open().delete(key);
    },
    async take(key) {
      try {
        await open().consume(key);
        return undefined;
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        return reject('too-many', 'Too many tries; wait a while', { retryAfter: error.msBeforeNext / 1000 });
      }
    },
  };
}
