import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks, in milliseconds: well within the time for which a process that ends goes on serving. */
const EVERY = 500;
const PATIENCE = 2000;

/** Which of several processes is next: those that say they are ready, in turn; all of them where none does. */
export function inTurn(urls: readonly string[]): { next(): string | undefined; close(): void } {
  const closed = new AbortController();
  let ready = urls;
  let turn = 0;
  const isReady = (url: string) =>
    fetch(`${url}/health`, { signal: AbortSignal.any([closed.signal, AbortSignal.timeout(PATIENCE)]) }).then(
      ({ ok }) => ok,
      // Nobody there; one who is only slow is as before.
      (error: unknown) => (error as Error).name === 'TimeoutError' && ready.includes(url),
    );
  const watch = async () => {
    while (!closed.signal.aborted) {
      const well = await Promise.all(urls.map(isReady));
      ready = urls.filter((_, index) => well[index]);
      await delay(EVERY, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  };
  if (urls.length > 1) void watch();
  return {
    next() {
      const among = ready.length > 0 ? ready : urls;
      return among[turn++ % among.length];
    },
    close: () => closed.abort(),
  };
}
