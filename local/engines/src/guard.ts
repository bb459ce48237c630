import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

// Blocks on a pipe that only this process holds: its end, of whatever kind, is the end of the engine.
const WATCH = `
read -r word && exit 0
kill -TERM "$1" 2>/dev/null
for second in 1 2 3 4 5; do kill -0 "$1" 2>/dev/null || break; sleep 1; done
kill -KILL "$1" 2>/dev/null
[ -z "$2" ] || rm -rf -- "$2"
`;

/** Ends the engine (or, where `pid` is negative, its process group) when this process is gone, even by SIGKILL, and removes its throw-away folder. */
export const guard = (engine: ChildProcess, pid: number, thrownAway = ''): void => {
  const watcher = spawn('sh', ['-c', WATCH, 'engine-guard', String(pid), thrownAway], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env['PATH'] },
  });
  watcher.on('error', () => undefined);
  watcher.unref();
  // A child's pipe is a socket, though its type does not say so.
  const pipe: Writable & { unref?: () => unknown } = watcher.stdin;
  pipe.on('error', () => undefined);
  pipe.unref?.();
  engine.once('exit', () => pipe.end('gone\n'));
};
