import { embedded } from '@ticketing/common/platform';
import { run } from '@ticketing/common/run';
import { suite } from './suite.ts';

/** The monolith as a process of its own, for `npm run dev`, which restarts it on change. */
await run(suite, embedded, process.env);
