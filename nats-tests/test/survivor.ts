import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { silentLog } from '@ticketing/common/log';
import { systemClock } from '@ticketing/common/runtime';
import { setInterval } from 'node:timers/promises';

/** A process of its own that publishes and hears numbers, and says so: what kills it was not caught by the bus. */
const [url = '', clusterId = ''] = process.argv.slice(2);
const impatient = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 10, signal),
};
const bus = natsStreamingBus({
  url,
  clusterId,
  name: 'survivor',
  log: silentLog,
  ackWaitMs: 1000,
  clock: impatient,
});
const say = (what: string, about: string | number) => void process.stdout.write(`${what} ${about}\n`);

bus.subscribe({
  subject: 'survivor:number',
  group: 'survivors',
  handle: async (message) => say('got', message),
});
bus.onRestored((lastHealthy) => say('restored', lastHealthy.toISOString()));
process.once('SIGTERM', () => void bus.close().then(() => process.exit()));

let number = 0;
for await (const _ of setInterval(10)) {
  const published = number++;
  bus.publish('survivor:number', String(published)).then(
    () => say('accepted', published),
    () => say('refused', published),
  );
}
