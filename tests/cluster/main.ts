import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { development } from './development.ts';
import { images } from './images.ts';
import { reach } from './ingress.ts';
import { step, tally } from './stage.ts';

// From an empty cluster to a bought ticket, on whatever cluster kubectl points at: docs/kubernetes.md.
const ROOT = join(import.meta.dirname, '../..');
const DEVELOPMENT = join(ROOT, 'infra/k8s-dev');

const alive = setInterval(() => undefined, 60_000); // what is waited for does not hold the process by itself
execFileSync(join(DEVELOPMENT, 'secrets'));
reach(
  'ticketing.dev',
  process.env['INGRESS_ADDRESS'] ?? '127.0.0.1',
  join(DEVELOPMENT, '.secrets/authority.crt'),
);

await step('development images', async () => (await images(ROOT, 'development', 'dev')).join(', '));
await development(DEVELOPMENT);

clearInterval(alive);
process.exitCode = tally() ? 0 : 1;
