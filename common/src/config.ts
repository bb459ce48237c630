import { z } from 'zod';

/** A configuration that cannot work: one sentence for each variable that is missing or wrong. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A whole number in an environment variable. */
export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^-?\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/**
 * Reads configuration from environment variables. An empty variable counts as missing.
 * Throws a `ConfigError` that names every variable that is wrong, and never repeats its value: it may be a secret.
 */
export function parseConfig<S extends z.ZodObject>(schema: S, env: Environment): z.output<S> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((key) => [key, env[key] === '' ? undefined : env[key]]),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const problems = new Map<string, string>();
  for (const { path, message, code } of result.error.issues) {
    const name = String(path[0]);
    const missing = given[name] === undefined && (code === 'invalid_type' || code === 'invalid_value');
    problems.set(name, missing ? `${name} is missing${describe(schema, name)}.` : `${name} ${message}.`);
  }
  throw new ConfigError([...problems.values()].join('\n'));
}

const describe = (schema: z.ZodObject, name: string) => {
  const text = (schema.shape[name] as z.ZodType | undefined)?.description;
  return text === undefined ? '' : `: ${text}`;
};
