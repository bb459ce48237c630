import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { silentLog } from '@ticketing/common/log';
import { systemClock } from '@ticketing/common/runtime';
import { setInterval } from 'node:timers/promises';

/** A process of its own that publishes and hears numbers, and says so: what kills it was not caught by the bus. */
const [url = '', clusterId = '', subject = ''] = process.argv.slice(2);
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
/** What the broker accepted and has not brought: were it more than it can bring, all would come late, again and again. */
const onTheWay = new Set<string>();
const heard = new Set<string>();
const AT_ONCE = 30;
const say = (what: string, about: string) => void process.stdout.write(`${what} ${about}\n`);

bus.subscribe({
  subject,
  group: 'survivors',
  handle: async (message) => {
    heard.add(message);
    onTheWay.delete(message);
    say('got', message);
  },
});
bus.onRestored((lastHealthy) => say('restored', lastHealthy.toISOString()));
process.once('SIGTERM', () => void bus.close().then(() => process.exit()));

let number = 0;
for await (const _ of setInterval(10)) {
  if (onTheWay.size >= AT_ONCE) continue;
  const message = String(number++);
  bus.publish(subject, message).then(
    () => {
      if (!heard.has(message)) onTheWay.add(message);
      say('accepted', message);
    },
    () => say('refused', message),
  );
}
