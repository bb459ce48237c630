import { cluster } from '@ticketing/common/platform';
import { run } from '@ticketing/common/run';
import { admissions } from './service.ts';

await run([admissions], cluster, process.env);
