import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '@ticketing/engines/cache';
import { run } from '../cluster/kubectl.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The code of a commit with what it needs installed, in the cache beside the engines; resolves with its folder. */
export async function release(commit: string): Promise<string> {
  const folder = join(cacheFolder(process.env), '..', 'releases', commit);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.tmp-${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  try {
    await unpack(commit, fresh);
    await run('npm', ['--prefix', fresh, 'ci', '--no-audit', '--no-fund']);
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

async function unpack(commit: string, folder: string) {
  const archive = spawn('git', ['archive', commit], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const tar = spawn('tar', ['--extract', '--directory', folder], { stdio: ['pipe', 'inherit', 'inherit'] });
  archive.stdout.pipe(tar.stdin);
  const [[made], [unpacked]] = await Promise.all([once(archive, 'close'), once(tar, 'close')]);
  if (made !== 0 || unpacked !== 0)
    throw new Error(`This clone does not have the commit ${commit}; try: git fetch --unshallow`);
}
