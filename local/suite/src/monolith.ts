import { embedded } from '@ticketing/common/platform';
import { run } from '@ticketing/common/run';
import { frontService } from './front.ts';
import { suite } from './suite.ts';

/** The monolith as a process of its own, with what a browser finds besides the API where it is told where that is. */
await run(process.env['CLIENT_URL'] ? [...suite, frontService] : suite, embedded, process.env);
