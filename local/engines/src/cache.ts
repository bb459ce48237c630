import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { sha256 } from './wheel.ts';

const Entry = z.object({
  file: z.string(),
  version: z.string(),
  from: z.string(),
  spec: z.string(),
  sha256: z.string(),
  size: z.number(),
  mtimeMs: z.number(),
});
export type Entry = z.infer<typeof Entry>;

/** The folder of all fetched engines: TICKETING_CACHE, or ticketing/engines in the user's cache. */
export const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  env['TICKETING_CACHE'] ||
  join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'ticketing', 'engines');

export type Lookup =
  { state: 'absent' } | { state: 'damaged'; why: string } | { state: 'sound'; path: string; entry: Entry };

/** What the folder holds of an engine. Unchanged size and time are taken on trust, anything else is hashed again. */
export const lookUp = async (folder: string, specs: readonly string[]): Promise<Lookup> => {
  const text = await readFile(join(folder, 'engine.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return { state: 'absent' };
  const entry = Entry.safeParse(parsed(text)).data;
  if (!entry) return { state: 'damaged', why: 'its record cannot be read' };
  if (!specs.includes(entry.spec)) return { state: 'absent' };
  const path = join(folder, basename(entry.file));
  const found = await stat(path).catch(() => undefined);
  if (!found) return { state: 'damaged', why: 'the binary is gone' };
  const touched = found.size !== entry.size || found.mtimeMs !== entry.mtimeMs;
  if (touched && (await sha256(path)) !== entry.sha256)
    return { state: 'damaged', why: 'its SHA-256 changed' };
  return { state: 'sound', path, entry };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Puts a fetched program and what lies beside it in place by one rename, so that nobody ever sees half of it. */
export const install = async (
  folder: string,
  fetched: string,
  about: Pick<Entry, 'version' | 'from' | 'spec'>,
): Promise<void> => {
  const next = `${folder}.tmp-${randomBytes(4).toString('hex')}`;
  await rename(dirname(fetched), next);
  const path = join(next, basename(fetched));
  await flush(path);
  const { size, mtimeMs } = await stat(path);
  const entry: Entry = { ...about, file: basename(path), sha256: await sha256(path), size, mtimeMs };
  await writeFile(join(next, 'engine.json'), `${JSON.stringify(entry, null, 2)}\n`);
  // A folder cannot be replaced in one step; the old one is moved away first, running engines keep their file.
  const old = `${folder}.tmp-${randomBytes(4).toString('hex')}`;
  await rename(folder, old).catch(() => undefined);
  await rename(next, folder).catch(async (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await rm(next, { recursive: true, force: true });
  });
  await rm(old, { recursive: true, force: true });
};

const flush = async (path: string): Promise<void> => {
  const handle = await open(path, 'r+');
  await handle.sync().finally(() => handle.close());
};

const BEAT_MS = 2000;
const STALE_MS = 15_000;

/**
 * One fetch at a time over all processes. The holder touches its file; a file untouched for 15 s belongs to a dead one.
 * Two could take over a dead lock at once: then both fetch, and either's result is whole.
 */
export const locked = async <T>(folder: string, waiting: () => void, work: () => Promise<T>): Promise<T> => {
  const lock = `${folder}.lock`;
  await mkdir(join(folder, '..'), { recursive: true });
  while (!(await acquire(lock))) {
    const touched = await stat(lock).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    if (touched > 0 && Date.now() - touched > STALE_MS) await rm(lock, { force: true });
    else {
      waiting();
      await sleep(250);
    }
  }
  const beat = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => undefined), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(lock, { force: true });
  }
};

const acquire = async (lock: string): Promise<boolean> => {
  try {
    await (await open(lock, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const LEFT_BEHIND_MS = 3_600_000;

/** A fresh folder to fetch into, beside the engine's; what a killed fetch left there more than an hour ago goes first. */
export const freshFolder = async (folder: string): Promise<string> => {
  const parent = join(folder, '..');
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(`${basename(folder)}.tmp-`)) continue;
    const made = await stat(join(parent, entry)).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - made > LEFT_BEHIND_MS) await rm(join(parent, entry), { recursive: true, force: true });
  }
  const fresh = `${folder}.tmp-${randomBytes(4).toString('hex')}`;
  await mkdir(fresh);
  return fresh;
};
