'use client';

import { useEffect, useState } from 'react';

let ahead: number | undefined;

/** The server's clock, in milliseconds: holds run out by its time, and a visitor's clock may be wrong. */
export const serverNow = (): number => Date.now() + (ahead ?? 0);

/** Sets it by the `Date` header of an answer, which has whole seconds. */
export function setClock(date: string | null): void {
  const offset = Date.parse(date ?? '') + 500 - Date.now();
  if (Math.abs(offset - (ahead ?? Infinity)) > 1000 || ahead === undefined) ahead = offset || 0;
}

/** The minute that it is by the server's clock, in milliseconds, as long as the page is open; `at` as below. */
export function useMinute(at: number): number {
  const [now, setNow] = useState(at);
  useEffect(() => {
    ahead ??= at - Date.now();
    const look = () => setNow(Math.floor(serverNow() / 60_000) * 60_000);
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [at]);
  return now;
}

/** Whole seconds until `moment` by the server's clock, never below 0; `at` is what it said when the page was made. */
export function useSecondsLeft(moment: string, at: number): number {
  const leftAt = (now: number) => Math.max(0, Math.floor((Date.parse(moment) - now) / 1000));
  const [now, setNow] = useState(at);
  useEffect(() => {
    ahead ??= at - Date.now();
    // By whole seconds of what is left, so that nothing is drawn in between.
    const tick = () =>
      setNow(Date.parse(moment) - 1000 * Math.floor((Date.parse(moment) - serverNow()) / 1000));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [at, moment]);
  return leftAt(now);
}
