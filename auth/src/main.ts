import { cluster } from '@ticketing/common/platform';
import { run } from '@ticketing/common/run';
import { auth } from './service.ts';

await run([auth()], cluster, process.env);
