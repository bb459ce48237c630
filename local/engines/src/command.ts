import { spawn } from 'node:child_process';
import { basename, isAbsolute } from 'node:path';
import { createInterface } from 'node:readline';

type Options = {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs: number;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
};

/** Runs a program to its end and gives what it printed (both streams); an error says in one line why it failed. */
export const run = async (program: string, args: readonly string[], options: Options): Promise<string> => {
  const signal = AbortSignal.any([
    AbortSignal.timeout(options.timeoutMs),
    ...(options.signal ? [options.signal] : []),
  ]);
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      options.onLine?.(line);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        reject(new Error(`${program} ${isAbsolute(program) ? 'does not exist' : 'is not on the PATH'}`));
      else if (error.name === 'AbortError')
        reject(new Error(stopped(program, signal.reason, options.timeoutMs)));
      else reject(error);
    });
  });
  if (code !== 0) throw new Error(`${basename(program)} failed: ${gist(lines)}`);
  return lines.join('\n');
};

const stopped = (program: string, reason: unknown, timeoutMs: number): string =>
  reason instanceof Error && reason.name !== 'TimeoutError'
    ? reason.message
    : `${program} took longer than ${timeoutMs / 1000} s and was stopped`;

/** The line that names the error, without the stack around it. */
const gist = (lines: readonly string[]): string => {
  const told = lines.filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return (
    told.findLast((line) => /error|fatal|not found|no such/i.test(line)) ??
    told.at(-1) ??
    'it said nothing'
  ).trim();
};
