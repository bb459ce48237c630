import { z } from 'zod';
import { startSandbox } from './sandbox.ts';

const environment = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(0),
    HOST: z.string().default('127.0.0.1'),
    MONGO_URL: z.string().startsWith('mongodb'),
    MONGO_DATABASE: z.string().default('sandbox'),
    WEBHOOK_URL: z.url().optional(),
    WEBHOOK_TYPES: z
      .string()
      .transform((types) => types.split(','))
      .optional(),
    STRIPE_WEBHOOK_SECRET: z.string().min(1).optional(),
    STRIPE_KEY: z.string().startsWith('sk_test_').optional(),
  })
  .refine(({ WEBHOOK_URL, STRIPE_WEBHOOK_SECRET }) => !WEBHOOK_URL || STRIPE_WEBHOOK_SECRET, {
    message: 'needed to sign what goes to WEBHOOK_URL',
    path: ['STRIPE_WEBHOOK_SECRET'],
  })
  .safeParse(process.env);
if (!environment.success) {
  console.error(z.prettifyError(environment.error));
  process.exit(1);
}
const {
  PORT,
  HOST,
  MONGO_URL,
  MONGO_DATABASE,
  WEBHOOK_URL,
  WEBHOOK_TYPES,
  STRIPE_WEBHOOK_SECRET,
  STRIPE_KEY,
} = environment.data;
const sandbox = await startSandbox({
  port: PORT,
  host: HOST,
  mongoUrl: MONGO_URL,
  database: MONGO_DATABASE,
  ...(WEBHOOK_URL && STRIPE_WEBHOOK_SECRET
    ? {
        webhook: {
          url: WEBHOOK_URL,
          secret: STRIPE_WEBHOOK_SECRET,
          ...(WEBHOOK_TYPES && { types: WEBHOOK_TYPES }),
        },
      }
    : {}),
  ...(STRIPE_KEY ? { key: STRIPE_KEY } : {}),
});
console.log(`sandbox listening on ${sandbox.url}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
