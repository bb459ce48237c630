import { z } from 'zod';
import { cluster } from '@ticketing/common/platform';
import { run } from '@ticketing/common/run';
import { expiration } from './service.ts';
import { bullTimers } from './timers-bull.ts';

const config = z.object({
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must be a redis:// URL')
    .describe('where Redis listens'),
});

await run(
  [expiration(config, ({ REDIS_URL }, { log }) => bullTimers({ url: REDIS_URL, log }))],
  cluster,
  process.env,
);
