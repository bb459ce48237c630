import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { development } from './development.ts';
import { images } from './images.ts';
import { reach } from './ingress.ts';
import { production } from './production.ts';
import { step, tally } from '../stage.ts';

// From an empty cluster to a bought ticket, on whatever cluster kubectl points at: docs/kubernetes.md. Both overlays,
// or the one that is named: `npm run test:cluster -- production`.
const [which] = process.argv.slice(2);
const ROOT = join(import.meta.dirname, '../..');
const DEVELOPMENT = join(ROOT, 'infra/k8s-dev');

const alive = setInterval(() => undefined, 60_000); // what is waited for does not hold the process by itself
execFileSync(join(DEVELOPMENT, 'secrets'));
reach(
  'ticketing.dev',
  process.env['INGRESS_ADDRESS'] ?? '127.0.0.1',
  join(DEVELOPMENT, '.secrets/authority.crt'),
);

if (which !== 'production') {
  await step('development images', async () => (await images(ROOT, 'development', 'dev')).join(', '));
  await development(DEVELOPMENT);
}
if (which !== 'development') {
  await step('production images', async () => (await images(ROOT, 'production', 'test')).join(', '));
  await production(join(ROOT, 'infra/k8s-prod/secrets'), join(DEVELOPMENT, '.secrets'));
}

clearInterval(alive);
process.exitCode = tally() ? 0 : 1;
