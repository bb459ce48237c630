import { cluster } from '@ticketing/common/platform';
import { run } from '@ticketing/common/run';
import { events } from './service.ts';

await run([events], cluster, process.env);
