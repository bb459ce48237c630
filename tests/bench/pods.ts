import { startNats } from '@ticketing/engines/run';
import { type Ground, suite } from './paths.ts';
import { cpu, type Running } from './processes.ts';

export interface Measured extends Ground {
  /** mongod's process. */
  mongod: number;
}

/** NATS Streaming as the suite runs it, on files. */
export interface Broker {
  url: string;
  pid: number;
  /** How many messages it has stored on a subject. */
  stored(subject: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startBroker(): Promise<Broker> {
  const { url, pid, monitorUrl = '', stop } = await startNats({ onFiles: true, monitorPort: 0 });
  return {
    url,
    pid,
    async stored(subject) {
      const path = `/streaming/channelsz?channel=${encodeURIComponent(subject)}`;
      const reply = await fetch(new URL(path, monitorUrl));
      return reply.ok ? ((await reply.json()) as { last_seq: number }).last_seq : 0;
    },
    stop,
  };
}

/** A service in a process of its own on the broker; its database, and its queue group, are called `name`. */
export const pod = (service: 'tickets' | 'orders', name: string, mongoUrl: string, broker: Broker) =>
  suite(service, mongoUrl, name, { NATS_URL: broker.url, SWEEP_SECONDS: '1' });

/** Milliseconds of processor for each of `units`, by the parts that did the work. */
export type Cost = Record<'service' | 'mongod' | 'broker', number>;

/** Begins to count; the answer ends it. */
export async function costs(
  services: readonly Running[],
  mongod: number,
  { pid: broker }: Broker,
): Promise<(units: number) => Promise<Cost>> {
  const used = async () => {
    const each = await Promise.all(services.map(({ pid }) => cpu(pid)));
    return { service: each.reduce((a, b) => a + b, 0), mongod: await cpu(mongod), broker: await cpu(broker) };
  };
  const before = await used();
  return async (units) => {
    const after = await used();
    return {
      service: (after.service - before.service) / units,
      mongod: (after.mongod - before.mongod) / units,
      broker: (after.broker - before.broker) / units,
    };
  };
}
