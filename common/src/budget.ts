import { type Connection, Schema } from 'mongoose';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import { z } from 'zod';
import { reject, type Rejection } from './rejection.ts';
import { defineModel, type Doc } from './store.ts';

/** `RATE_LIMIT` of who bounds tries, with what tells production. */
export const RateLimit = {
  RATE_LIMIT: z.enum(['on', 'off'], 'must be on or off').default('on'),
  NODE_ENV: z.string().optional(),
};
export const limitsInProduction = ({
  RATE_LIMIT,
  NODE_ENV,
}: {
  RATE_LIMIT: 'on' | 'off';
  NODE_ENV?: string | undefined;
}): boolean => RATE_LIMIT === 'on' || NODE_ENV !== 'production';
export const inProduction = {
  path: ['RATE_LIMIT'],
  message: 'must be on in production',
  // Also where another setting is wrong, so that all are told at once.
  when: () => true,
};

/** A budget of tries for each key (a rate limit), and how much of it is used: 0 to 1, or a refusal once it is spent. */
export interface Limit {
  /** Counts a try. */
  take(key: string): Promise<number | Rejection>;
  look(key: string): Promise<number | Rejection>;
  /** A try that was taken and turned out to be right does not count. */
  giveBack(key: string): Promise<void>;
  /** Forgets the tries of one who proved to be the right one. */
  forgive(key: string): Promise<void>;
}

export const unlimited: Limit = {
  take: () => Promise.resolve(0),
  look: () => Promise.resolve(0),
  giveBack: () => Promise.resolve(),
  forgive: () => Promise.resolve(),
};

const limits = new Schema({ key: String, points: Number, expire: Date }, { versionKey: false });
/** Made before the first request, not by the limiter during it: a burst would be counted apart, and the index refused. */
limits.index({ key: 1 }, { unique: true });
limits.index({ expire: -1 }, { expireAfterSeconds: 0 });
/** Where tries are counted: to be among a service's stores before a `limit` is used. */
export const limitModel = defineModel<Doc>('limits', limits);

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
  const refusal = ({ msBeforeNext }: RateLimiterRes) =>
    reject('too-many', 'Too many tries; wait a while', { retryAfter: msBeforeNext / 1000 });
  return {
    async forgive(key) {
      await open().delete(key);
    },
    async giveBack(key) {
      await open().reward(key);
    },
    async look(key) {
      const used = await open().get(key);
      if (!used) return 0;
      return used.consumedPoints >= points ? refusal(used) : used.consumedPoints / points;
    },
    async take(key) {
      try {
        return (await open().consume(key)).consumedPoints / points;
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        return refusal(error);
      }
    },
  };
}
