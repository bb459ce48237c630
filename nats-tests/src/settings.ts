/** Tells on standard error what is wrong, and ends with status 1. */
export const fail: (problem: string) => never = (problem) => {
  console.error(problem);
  process.exit(1);
};

const setting = (name: string, like: string) =>
  process.env[name] || fail(`${name} is missing: set it to e.g. ${like}`);

export const brokerUrl = () => setting('NATS_URL', 'nats://localhost:4222');
export const monitorUrl = () => setting('NATS_MONITOR_URL', 'http://localhost:8222');
export const clusterId = () => process.env['NATS_CLUSTER_ID'] || 'ticketing';
