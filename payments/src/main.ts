import { cluster } from '@ticketing/common/platform';
import { run } from '@ticketing/common/run';
import { payments } from './service.ts';
import { openStripe } from './stripe.ts';

await run([payments(openStripe)], cluster, process.env);
