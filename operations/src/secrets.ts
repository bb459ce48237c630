import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What this machine's suite keeps to itself; an earlier release wrote fewer. */
const Secrets = z.record(z.string(), z.string());
export type Secrets = z.infer<typeof Secrets>;

const fileOf = (home: string) => join(home, 'secrets.json');

/** The secrets of the suite that lives here; none when there was none. Rejects when the file is not as we wrote it. */
export async function readSecrets(home: string): Promise<Secrets> {
  const text = await readFile(fileOf(home), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return {};
  try {
    return Secrets.parse(JSON.parse(text));
  } catch {
    // Its words would repeat what is in it.
    throw new Error(`${fileOf(home)} cannot be read; delete it, and everybody here signs in again`);
  }
}

/** Whole or not at all, and for nobody else to read. */
export async function writeSecrets(home: string, secrets: Secrets): Promise<void> {
  await mkdir(home, { recursive: true });
  const whole = `${fileOf(home)}.new`;
  await writeFile(whole, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  await rename(whole, fileOf(home));
}
