import { z } from 'zod';

const origin = (name: string) =>
  z.url(`${name} must be the origin of a service, such as http://tickets:3000`);

const Settings = z.object({
  AUTH_URL: origin('AUTH_URL'),
  TICKETS_URL: origin('TICKETS_URL'),
  ORDERS_URL: origin('ORDERS_URL'),
  PAYMENTS_URL: origin('PAYMENTS_URL'),
  /** As a browser has it; the first when several are given. */
  PUBLIC_ORIGIN: z
    .string('PUBLIC_ORIGIN must be the origin that browsers see, such as https://ticketing.dev')
    .transform((text) => text.split(',')[0] ?? '')
    .pipe(z.url('PUBLIC_ORIGIN must be the origin that browsers see, such as https://ticketing.dev')),
  /** Without it, cards go to the sandbox. Read when the server runs, so that one image serves every environment. */
  NEXT_PUBLIC_STRIPE_KEY: z
    .string()
    .regex(/^pk_/, 'NEXT_PUBLIC_STRIPE_KEY must be a publishable key, which begins with pk_')
    .optional(),
});
export type Settings = z.output<typeof Settings>;

let settings: Settings | undefined;

/** What the environment says. Throws a sentence for each variable that is missing or wrong. */
export function config(): Settings {
  if (settings) return settings;
  const { env } = process;
  const parsed = Settings.safeParse({
    ...env,
    NEXT_PUBLIC_STRIPE_KEY: env['NEXT_PUBLIC_STRIPE_KEY'] || undefined,
  });
  if (!parsed.success) throw new Error(parsed.error.issues.map(({ message }) => message).join('\n'));
  settings = parsed.data;
  return settings;
}

/** Ends the process when the environment is wrong, before anybody sees a page of it. */
export function check(): void {
  try {
    config();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
