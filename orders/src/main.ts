import { cluster } from '@ticketing/common/platform';
import { run } from '@ticketing/common/run';
import { orders } from './service.ts';

await run([orders], cluster, process.env);
