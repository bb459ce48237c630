'use client';

import { useEffect } from 'react';

/** Keeps the screen on while something is shown to somebody else; it is let go by itself whenever the page is not seen. */
export function useAwake(on: boolean): void {
  useEffect(() => {
    // There is none on plain http.
    if (!on || !('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let left = false;
    const isLeft = () => left;
    const take = async () => {
      if (isLeft() || document.hidden || lock?.released === false) return;
      try {
        lock = await navigator.wakeLock.request('screen');
        if (isLeft()) await lock.release();
      } catch {
        // a device that saves power refuses
      }
    };
    const look = () => void take();
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      left = true;
      document.removeEventListener('visibilitychange', look);
      void lock?.release().catch(() => undefined);
    };
  }, [on]);
}
