import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks, in milliseconds: well within the time for which a process that ends goes on serving. */
const EVERY = 500;
const PATIENCE = 2000;

/** One of several processes that do the same: where it is asked, and where it says how it is. */
export interface Place {
  url: string;
  operationalUrl: string;
}

/** Which of several processes is next: those that say they are ready, in turn; all of them where none does. */
export function inTurn(places: readonly Place[]): { next(): string | undefined; close(): void } {
  const closed = new AbortController();
  let ready = places;
  let turn = 0;
  const isReady = (place: Place) =>
    fetch(`${place.operationalUrl}/health`, {
      signal: AbortSignal.any([closed.signal, AbortSignal.timeout(PATIENCE)]),
    }).then(
      ({ ok }) => ok,
      // Nobody there; one who is only slow is as before.
      (error: unknown) => (error as Error).name === 'TimeoutError' && ready.includes(place),
    );
  const watch = async () => {
    while (!closed.signal.aborted) {
      const well = await Promise.all(places.map(isReady));
      ready = places.filter((_, index) => well[index]);
      await delay(EVERY, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  };
  if (places.length > 1) void watch();
  return {
    next() {
      const among = ready.length > 0 ? ready : places;
      return among[turn++ % among.length]?.url;
    },
    close: () => closed.abort(),
  };
}
