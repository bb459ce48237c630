import type { Message } from 'node-nats-streaming';
import type { Delivery } from './bus.ts';
import { limit } from '../limit.ts';

interface Receiver {
  maxInFlight: number;
  handle(message: string, delivery: Delivery): Promise<void>;
  failed(error: unknown, message: Message): void;
}

/**
 * Takes the deliveries of one subscription over all its connections: a message is handled once at a time, however often
 * it is delivered meanwhile, `maxInFlight` of them at most; it is acknowledged when its handler resolves.
 */
export const receiver = ({ maxInFlight, handle, failed }: Receiver) => {
  const place = limit(maxInFlight);
  const running = new Map<string, Message>();
  const inFlight = new Set<Promise<void>>();
  let stopped = false;

  const run = async (key: string, message: Message) => {
    if (stopped) return;
    try {
      await handle(message.getRawData().toString('utf8'), { redelivered: message.isRedelivered() });
      running.get(key)?.ack(); // by the newest delivery: the first one's connection may be gone
    } catch (error) {
      failed(error, message);
    }
  };

  return {
    take(message: Message) {
      const key = `${message.getSequence()} ${message.getTimestampRaw()}`; // an emptied broker counts from 1 again
      if (running.has(key)) return void running.set(key, message);
      if (stopped) return;
      running.set(key, message);
      const work = place(() => run(key, message)).finally(() => {
        running.delete(key);
        inFlight.delete(work);
      });
      inFlight.add(work);
    },
    /** Starts no more handlers; resolves when those that run have finished. */
    async stop() {
      stopped = true;
      await Promise.all(inFlight);
    },
  };
};
