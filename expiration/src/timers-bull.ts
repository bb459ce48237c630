import Queue from 'bull';
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '@ticketing/common/log';
import type { Timers } from './timers.ts';

interface Wake {
  /** None in those of an earlier release, whose job's id is the order's. */
  id?: string;
  at: string;
}

/** Tries of one wake-up; Bull waits longer before each. */
const ATTEMPTS = 10;
/** An operation on Redis that takes longer than this, in milliseconds, has failed. */
const PATIENCE = 5000;

/**
 * Timers in Redis by Bull. A job's id is made of order and time, so one that is there stays as it is, and another time is
 * another job: the earlier one wakes for nothing. Redis may be killed, emptied or absent at the start: its
 * clients come back by themselves, and what was lost meanwhile is swept up by `orders`.
 */
export function bullTimers({ url, log }: { url: string; log: Log }): Timers {
  let connected = false;
  let closing = false;
  const connections: Redis[] = [];
  const connect = (options: RedisOptions = {}) => {
    const redis = new Redis(url, {
      ...options,
      maxRetriesPerRequest: null,
      enableReadyCheck: false,
      retryStrategy: (times) => Math.min(times * 100, 2000),
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    redis.on('error', (error) => {
      log.debug({ err: error }, 'Redis cannot be reached');
    });
    connections.push(redis);
    return redis;
  };
  const client = connect();
  client.on('ready', () => {
    connected = true;
    log.info('connected to Redis');
  });
  client.on('close', () => {
    if (connected && !closing) log.warn('lost Redis; orders end by their own sweeper until it is back');
    connected = false;
  });
  const queue = new Queue<Wake>('order-expiration', {
    createClient: (type) => (type === 'client' ? client : connect()),
    defaultJobOptions: {
      attempts: ATTEMPTS,
      backoff: { type: 'exponential', delay: 500 },
      removeOnComplete: true,
      removeOnFail: true,
    },
  });
  queue.on('error', (error) => {
    log.debug({ err: error }, 'Bull cannot work now');
  });

  const bounded = async <T>(work: Promise<T>): Promise<T> => {
    const late = AbortSignal.timeout(PATIENCE);
    return Promise.race([
      work,
      new Promise<never>((_, fail) => {
        late.addEventListener('abort', () => {
          fail(new Error('Redis does not answer'));
        });
      }),
    ]);
  };

  const jobId = (id: string, at: Date) => `${id}-${at.getTime()}`;
  const clear = async (id: string, at: Date) => {
    const job = await queue.getJob(jobId(id, at));
    await job?.remove();
  };

  return {
    get connected() {
      return connected;
    },
    start(due) {
      queue
        .process(10, async ({ id, data }) => due(data.id ?? String(id), new Date(data.at)))
        .catch((error: unknown) => {
          log.debug({ err: error }, 'Bull stopped');
        });
    },
    set: (id, at) =>
      bounded(
        queue
          .add(
            { id, at: at.toISOString() },
            { jobId: jobId(id, at), delay: Math.max(0, at.getTime() - Date.now()) },
          )
          .then(() => undefined),
      ),
    clear: (id, at) => bounded(clear(id, at)),
    async close() {
      closing = true;
      await Promise.race([
        queue.close(true),
        new Promise((resolve) => setTimeout(resolve, PATIENCE).unref()),
      ]);
      // Bull leaves them open, and they would hold the process.
      for (const redis of connections) redis.disconnect();
    },
  };
}
