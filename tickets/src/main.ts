import { cluster } from '@ticketing/common/platform';
import { run } from '@ticketing/common/run';
import { tickets } from './service.ts';

await run([tickets], cluster, process.env);
