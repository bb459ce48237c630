import { setTimeout as delay } from 'node:timers/promises';
import type { Ground } from './ground.ts';

/** What an operator is told by when something goes wrong: a metric that moves, a line of a log. */
export interface Sign {
  metric?: RegExp;
  line?: RegExp;
}

/** Between two looks at the metrics of every process, in milliseconds. */
const EVERY = 1000;

/** Watches as an operator does: what moved in any process's metrics, and what was logged, from now on. */
export function watch({ suite, operationalUrlOf, processes }: Ground) {
  const from = suite.output().length;
  const last = new Map<string, string>();
  const moved = new Set<string>();
  const gone = new AbortController();

  const look = async (name: string) => {
    const reply = await fetch(`${operationalUrlOf(name)}/metrics`, {
      signal: AbortSignal.timeout(EVERY),
    }).catch(() => undefined);
    const text = await reply?.text().catch(() => '');
    for (const line of text?.split('\n') ?? []) {
      const [, metric, value] = /^(?:ticketing_)?([^#].*) (\S+)$/.exec(line) ?? [];
      if (metric === undefined || value === undefined) continue;
      const key = `${name} ${metric}`;
      if (last.has(key) ? last.get(key) !== value : value !== '0' && last.size > 0) moved.add(metric);
      last.set(key, value);
    }
  };
  const looking = (async () => {
    while (!gone.signal.aborted) {
      await Promise.all(processes.map(look));
      await delay(EVERY, undefined, { signal: gone.signal }).catch(() => undefined);
    }
  })();

  return {
    /** What of a sign was not seen, as sentences. */
    missing: ({ metric, line }: Sign): string[] => [
      ...(metric && ![...moved].some((name) => metric.test(name)) ? [`no metric like ${metric} moved`] : []),
      ...(line && !line.test(suite.output().slice(from)) ? [`no line like ${line} was logged`] : []),
    ],
    async close() {
      gone.abort();
      await looking;
    },
  };
}
