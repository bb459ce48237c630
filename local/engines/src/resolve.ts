import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { cacheFolder, freshFolder, install, locked, lookUp } from './cache.ts';
import { onPath, versionOf } from './installed.ts';
import type { Report } from './report.ts';
import { MACHINE, type Source } from './source.ts';
import { type EngineName, ENGINES, type EngineSpec } from './table.ts';

export type Binary = { kind: 'binary'; name: EngineName; path: string; version: string; from: string };
export type Engine = Binary | { kind: 'url'; name: EngineName; url: string; from: string };
export type ResolveOptions = { env?: NodeJS.ProcessEnv; report?: Report };

/**
 * Finds a real engine, or fetches it: the URL or the binary that the environment names, a binary on the PATH, the cache,
 * the sources of the table in their order. Throws an error that says what was tried and what to do.
 */
export const resolveEngine = async (name: EngineName, options: ResolveOptions = {}): Promise<Engine> => {
  const { env = process.env, report } = options;
  const variable = ENGINES[name].url;
  const url = variable && env[variable];
  if (!variable || !url) return resolveBinary(name, options);
  report?.({ engine: name, state: 'found', text: `a running one, ${withoutSecrets(url)}, from ${variable}` });
  return { kind: 'url', name, url, from: variable };
};

/** Like `resolveEngine`, but for a binary to run oneself: a URL in the environment does not count. */
export const resolveBinary = async (name: EngineName, options: ResolveOptions = {}): Promise<Binary> => {
  const { env = process.env, report } = options;
  const spec = ENGINES[name];
  const search: Search = { name, spec, env, report, tried: [] };
  // What the environment names is meant: nothing else will do.
  const variable = spec.path;
  const named = variable && env[variable];
  const found = named
    ? await usable(search, [named], variable)
    : ((await usable(search, await onPath(spec.binaries, env), 'the PATH')) ??
      (await inCache(search)) ??
      (await fetched(search)));
  if (found) {
    report?.({ engine: name, state: 'found', text: `${found.version}, from ${found.from}: ${found.path}` });
    return found;
  }
  const error = new Error(
    `${name} could not be found or fetched (${search.tried.join('; ')}). ${spec.advice}; then start again.`,
  );
  report?.({ engine: name, state: 'missing', text: error.message });
  throw error;
};

/** The engine, or undefined with a loud line where it cannot be had; in CI a missing engine is an error. */
export const engineIfAvailable = async (
  name: EngineName,
  options: ResolveOptions = {},
): Promise<Engine | undefined> => {
  try {
    return await resolveEngine(name, options);
  } catch (error) {
    if ((options.env ?? process.env)['CI'] === 'true') throw error;
    console.warn(`\n!!! ${name} is missing: what needs it is SKIPPED. ${messageOf(error)}\n`);
    return undefined;
  }
};

/** A look for one engine, and why what was tried did not do. */
type Search = {
  name: EngineName;
  spec: EngineSpec;
  env: NodeJS.ProcessEnv;
  report: Report | undefined;
  tried: string[];
};

const folderOf = ({ name, env }: Search): string => join(cacheFolder(env), `${name}-${MACHINE}`);

/** The first of these that runs here and is new enough. */
const usable = async (
  { name, spec, tried }: Search,
  paths: readonly string[],
  from: string,
): Promise<Binary | undefined> => {
  for (const path of paths) {
    try {
      return { kind: 'binary', name, path, version: await versionOf(path, spec), from };
    } catch (error) {
      tried.push(messageOf(error));
    }
  }
  if (paths.length === 0) tried.push(`no ${spec.binaries.join(' or ')} on the PATH`);
  return undefined;
};

const inCache = async (search: Search): Promise<Binary | undefined> => {
  const { name, spec, env, report, tried } = search;
  const found = await lookUp(
    folderOf(search),
    spec.sources.map((source) => source.spec),
  );
  if (found.state === 'sound') {
    const { path, entry } = found;
    return { kind: 'binary', name, path, version: entry.version, from: `the cache (${entry.from})` };
  }
  if (found.state === 'damaged') {
    report?.({ engine: name, state: 'note', text: `the cached one is not used, ${found.why}` });
  }
  tried.push(`${found.state} in the cache ${cacheFolder(env)}`);
  return undefined;
};

const fetched = async (search: Search): Promise<Binary | undefined> => {
  const { name, spec, report, tried } = search;
  const begun = Date.now();
  let doing = 'looking for a source';
  const tell = () =>
    report?.({ engine: name, state: 'fetching', text: doing, elapsedMs: Date.now() - begun });
  const step = (text: string) => {
    if (text === doing) return;
    doing = text;
    tell();
  };
  const ticking = setInterval(tell, 1000);
  try {
    return await locked(
      folderOf(search),
      () => step('waiting for another process that fetches it'),
      async () => {
        const meanwhile = await inCache({ ...search, tried: [] });
        if (meanwhile) return meanwhile;
        for (const source of spec.sources) {
          try {
            const binary = await fetchFrom(source, search, step);
            return {
              ...binary,
              from: `${source.from}, fetched in ${Math.ceil((Date.now() - begun) / 1000)} s`,
            };
          } catch (error) {
            tried.push(`${source.from}: ${messageOf(error)}`);
            report?.({ engine: name, state: 'note', text: `not by ${source.from}: ${messageOf(error)}` });
          }
        }
        return undefined;
      },
    );
  } catch (error) {
    tried.push(`the cache cannot be written, set TICKETING_CACHE to a folder that can (${messageOf(error)})`);
    return undefined;
  } finally {
    clearInterval(ticking);
  }
};

const fetchFrom = async (source: Source, search: Search, step: (text: string) => void): Promise<Binary> => {
  const { name, spec, env } = search;
  const folder = folderOf(search);
  const into = await freshFolder(folder);
  try {
    const result = await source.fetch({ into, env, step });
    const said = await versionOf(result.file, spec);
    const version = result.version ?? said;
    await install(folder, result.file, { version, from: source.from, spec: source.spec });
    return { kind: 'binary', name, path: join(folder, basename(result.file)), version, from: source.from };
  } finally {
    await rm(into, { recursive: true, force: true });
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Host and path of a URL, without its credentials and options. */
const withoutSecrets = (url: string): string => url.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '');
