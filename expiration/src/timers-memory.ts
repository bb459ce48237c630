import type { Clock } from '@ticketing/common/runtime';
import type { Timers } from './timers.ts';

const RETRY = 1000;

/** Timers of this process: the embedded default. They end with it; the sweeper of `orders` stands behind them. */
export function memoryTimers(clock: Clock): Timers {
  const pending = new Map<string, AbortController>();
  let act: (id: string, at: Date) => Promise<void> = () => Promise.resolve();

  const clear = (id: string) => {
    pending.get(id)?.abort();
    pending.delete(id);
  };

  const wait = async (id: string, at: Date, { signal }: AbortController) => {
    for (let ms = at.getTime() - clock.now().getTime(); ; ms = RETRY) {
      await clock.sleep(Math.max(0, ms), signal);
      if (signal.aborted) return;
      const done = await act(id, at).then(
        () => true,
        () => false,
      );
      if (done) break;
    }
    if (pending.get(id)?.signal === signal) pending.delete(id);
  };

  return {
    connected: true,
    start(due) {
      act = due;
    },
    set(id, at) {
      clear(id);
      const timer = new AbortController();
      pending.set(id, timer);
      void wait(id, at, timer);
      return Promise.resolve();
    },
    clear(id) {
      clear(id);
      return Promise.resolve();
    },
    close() {
      for (const id of [...pending.keys()]) clear(id);
      return Promise.resolve();
    },
  };
}
