import { afterAll, beforeAll } from '@jest/globals';
import type { Bus } from '@ticketing/common/bus/bus';
import { memoryBus } from '@ticketing/common/bus/memory';
import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { silentLog } from '@ticketing/common/log';
import { startNats } from '@ticketing/engines/run';
import { busContract } from './bus-contract.ts';

const FETCH_MS = 300_000; // the first time, the broker is fetched and built
let broker: Awaited<ReturnType<typeof startNats>>;
beforeAll(async () => {
  broker = await startNats();
}, FETCH_MS);
afterAll(() => broker.stop());

busContract(
  'the memory of one process',
  async () => {
    const bus = memoryBus({ maxInFlight: 8 });
    return { bus: () => bus, cleanup: () => bus.close() };
  },
  { stores: false, maxInFlight: 8 },
);

busContract(
  'NATS Streaming',
  async () => {
    const buses: Bus[] = [];
    return {
      bus() {
        const { url, clusterId } = broker;
        const bus = natsStreamingBus({
          url,
          clusterId,
          name: 'contract',
          log: silentLog,
          ackWaitMs: 1000,
          maxInFlight: 8,
        });
        buses.push(bus);
        return bus;
      },
      async cleanup() {
        await Promise.all(buses.map((bus) => bus.close()));
      },
    };
  },
  { stores: true, maxInFlight: 8 },
);
