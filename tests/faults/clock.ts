/**
 * Preloaded into every process of a suite under test, as `clock.ts?orders=60000`: moves the clock of that one by so many
 * milliseconds. The pages' process too, which knows nothing of the suite's source.
 */
const [, name = ''] = /\/(\w+)\/(?:src\/main\.ts|server\.js)$/.exec(process.argv[1] ?? '') ?? [];
const moved = new URL(import.meta.url).searchParams.get(name);

/** A Date whose *now* is elsewhere; timers go on as they are. */
export function moveClock(aheadMs: number): void {
  const { now } = Date;
  globalThis.Date = new Proxy(Date, {
    construct: (real, args, target) =>
      Reflect.construct(real, args.length > 0 ? args : [now() + aheadMs], target) as Date,
    get: (real, key) => (key === 'now' ? () => now() + aheadMs : (Reflect.get(real, key) as unknown)),
  });
}

if (moved !== null) moveClock(Number(moved));
