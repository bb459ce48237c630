import { setTimeout as delay } from 'node:timers/promises';
import { brokerBus } from './broker.ts';
import { fail } from './settings.ts';

const [subject, message] = process.argv.slice(2);
if (!subject || message === undefined) fail(`usage: npm run publish -w nats-tests -- <subject> '<json>'`);
try {
  JSON.parse(message);
} catch {
  fail('The message is no JSON');
}

const CONNECT_MS = 10_000;
const bus = brokerBus();
for (const end = Date.now() + CONNECT_MS; !bus.connected; await delay(50)) {
  if (Date.now() > end) fail('The broker cannot be reached');
}
await bus.publish(subject, message).catch((error: unknown) => fail(`Not published: ${String(error)}`));
console.log(`published on ${subject}`);
await bus.close();
