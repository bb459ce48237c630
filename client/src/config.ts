import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { isCurrency } from '@ticketing/common/chargeable';
import { z } from 'zod';

const origin = (name: string) =>
  z.url(`${name} must be the origin of a service, such as http://tickets:3000`);

/** A JWKS; the services refuse to start with one that is wrong, and say why. */
const publicKeys = z
  .string('TOKEN_PUBLIC_KEYS must be the public keys of access tokens, as the services have them')
  .transform((text, { addIssue }): ReadonlyMap<string, KeyObject> => {
    try {
      const { keys } = JSON.parse(text) as { keys: (JsonWebKey & { kid: string })[] };
      if (keys.length === 0 || keys.some(({ d, crv }) => d !== undefined || crv !== 'P-256'))
        throw new Error();
      return new Map(keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]));
    } catch {
      addIssue('TOKEN_PUBLIC_KEYS must be a JWKS of public keys on the curve P-256');
      return z.NEVER;
    }
  });

/** What a footer leads to, each where it is configured. */
const page = (name: string) =>
  z
    .url({
      protocol: /^https$/,
      error: `${name} must be the https address of a page, such as https://example.com/terms`,
    })
    .optional();

const Settings = z.object({
  TERMS_URL: page('TERMS_URL'),
  PRIVACY_URL: page('PRIVACY_URL'),
  IMPRINT_URL: page('IMPRINT_URL'),
  HELP_URL: page('HELP_URL'),
  AUTH_URL: origin('AUTH_URL'),
  TICKETS_URL: origin('TICKETS_URL'),
  ORDERS_URL: origin('ORDERS_URL'),
  PAYMENTS_URL: origin('PAYMENTS_URL'),
  EVENTS_URL: origin('EVENTS_URL'),
  ADMISSIONS_URL: origin('ADMISSIONS_URL'),
  /** As a browser has it; the first when several are given. */
  PUBLIC_ORIGIN: z
    .string('PUBLIC_ORIGIN must be the origin that browsers see, such as https://ticketing.dev')
    .transform((text) => text.split(',')[0] ?? '')
    .pipe(z.url('PUBLIC_ORIGIN must be the origin that browsers see, such as https://ticketing.dev')),
  CURRENCY: z
    .string()
    .toLowerCase()
    .refine(isCurrency, 'CURRENCY must be the code of a currency that can be charged, such as usd')
    .default('usd'),
  TOKEN_PUBLIC_KEYS: publicKeys,
  JWT_KEY_BEFORE: z.iso
    .datetime({ offset: true, error: 'JWT_KEY_BEFORE must be a moment such as 2026-12-01T12:00:00Z' })
    .transform((text) => new Date(text))
    .optional(),
  /** Without it, cards go to the sandbox. Read when the server runs, so that one image serves every environment. */
  NEXT_PUBLIC_STRIPE_KEY: z
    .string()
    .regex(/^pk_/, 'NEXT_PUBLIC_STRIPE_KEY must be a publishable key, which begins with pk_')
    .optional(),
});
type Settings = z.output<typeof Settings>;

let settings: Settings | undefined;

/** What the environment says. Throws a sentence for each variable that is missing or wrong. */
export function config(): Settings {
  if (settings) return settings;
  const { env } = process;
  const parsed = Settings.safeParse({
    ...env,
    NEXT_PUBLIC_STRIPE_KEY: env['NEXT_PUBLIC_STRIPE_KEY'] || undefined,
    JWT_KEY_BEFORE: env['JWT_KEY_BEFORE'] || undefined,
    CURRENCY: env['CURRENCY'] || undefined,
    TERMS_URL: env['TERMS_URL'] || undefined,
    PRIVACY_URL: env['PRIVACY_URL'] || undefined,
    IMPRINT_URL: env['IMPRINT_URL'] || undefined,
    HELP_URL: env['HELP_URL'] || undefined,
  });
  if (!parsed.success) throw new Error(parsed.error.issues.map(({ message }) => message).join('\n'));
  settings = parsed.data;
  return settings;
}

/** What the tokens of visitors are read with. */
export const tokenKeys = () => ({
  known: config().TOKEN_PUBLIC_KEYS,
  unnamedBefore: config().JWT_KEY_BEFORE,
});

/** Pages of whoever runs the market, for the footer. */
export function footer(): { label: string; href: string }[] {
  const { TERMS_URL, PRIVACY_URL, IMPRINT_URL, HELP_URL } = config();
  const pages = { Terms: TERMS_URL, Privacy: PRIVACY_URL, Imprint: IMPRINT_URL, Help: HELP_URL };
  return Object.entries(pages).flatMap(([label, href]) => (href === undefined ? [] : [{ label, href }]));
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
