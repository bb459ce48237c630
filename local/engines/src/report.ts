import type { WriteStream } from 'node:tty';

import type { EngineName } from './table.ts';

/** What happens to an engine: it is being fetched, something worth knowing, it is there, it is not to be had. */
export type EngineEvent = { engine: EngineName; text: string } & (
  { state: 'fetching'; elapsedMs: number } | { state: 'note' | 'found' | 'missing' }
);
export type Report = (event: EngineEvent) => void;

const QUIET_MS = 10_000;

/** Prints one line for each engine; progress is one living line on a terminal and a line now and then elsewhere. */
export const terminalReport = (
  out: Pick<WriteStream, 'write'> & Partial<WriteStream> = process.stdout,
): Report => {
  const fetching = new Map<EngineName, string>();
  const told = new Map<EngineName, number>();
  const clear = () => {
    if (out.isTTY) out.write('\r\x1b[2K');
  };
  const living = () => {
    if (out.isTTY && fetching.size > 0)
      out.write([...fetching.values()].join(' · ').slice(0, (out.columns ?? 80) - 1));
  };
  return (event) => {
    clear();
    if (event.state === 'fetching') {
      const line = `${event.engine}: ${event.text} (${Math.round(event.elapsedMs / 1000)} s)`;
      fetching.set(event.engine, line);
      if (!out.isTTY && event.elapsedMs - (told.get(event.engine) ?? -QUIET_MS) >= QUIET_MS) {
        told.set(event.engine, event.elapsedMs);
        out.write(`  … ${line}\n`);
      }
    } else {
      if (event.state !== 'note') fetching.delete(event.engine);
      const mark = { note: '…', found: '✓', missing: '✗' }[event.state];
      out.write(`  ${mark} ${event.engine.padEnd(21)} ${event.text}\n`);
    }
    living();
  };
};
