import { brokerBus } from './broker.ts';
import { fail } from './settings.ts';

/** Goes on where the group last stopped. One with the name of a service would take that service's messages away. */
const [subject, group = 'listen'] = process.argv.slice(2);
if (!subject) fail('usage: npm run listen -w nats-tests -- <subject> [group]');

const bus = brokerBus();
bus.subscribe({
  subject,
  group,
  async handle(message, { redelivered }) {
    console.log(`${subject}${redelivered ? ' (again)' : ''} ${message}`);
  },
});
const awake = setInterval(() => {}, 60_000); // a bus without a connection keeps no process alive
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(awake);
    void bus.close();
  });
}
