'use client';

import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { usePerson } from '../session/keeper.tsx';
import { follow } from './follow.ts';
import { useSaid } from './said.ts';

/** These are everybody's; any other stream is that of who is signed in. */
const FOR_ALL = /^\/api\/(tickets\/stream$|events\/stream$|orders\/places\/stream\?)/;
/** The first pause before another try to read, and so many times it is doubled; not all readers at once. */
const PAUSE = 2000;
const DOUBLINGS = 3;
const pause = (failures: number) => PAUSE * 2 ** Math.min(failures, DOUBLINGS) * (1 + Math.random());

/**
 * Follows a stream of the API, one connection for all pages of a browser. `changes` gets what came since the last frame;
 * `load` is called whenever something may have been missed, and again until it says that it was read. Returns whether
 * the page is true, or has not been for a moment only: connected, and nothing left to be read; and that `load`, for what
 * the page itself has changed.
 */
export function useStream<T>(
  path: string,
  on: { changes(views: readonly T[]): void; load(): Promise<boolean> },
): { live: boolean; load(): Promise<void> } {
  const person = usePerson();
  const name = FOR_ALL.test(path) ? path : `${path} ${person?.id}`;
  const [connected, setConnected] = useState(true);
  const [failures, setFailures] = useState(0);
  const latest = useRef(0);
  const load = async () => {
    const turn = (latest.current += 1);
    const read = await on.load();
    // Only the latest has read all that was missed before it.
    if (turn === latest.current) setFailures((before) => (read ? 0 : before + 1));
  };
  const changes = useEffectEvent((views: readonly unknown[]) => on.changes(views as readonly T[]));
  const reload = useEffectEvent(load);
  useEffect(() => {
    if (failures === 0) return;
    const timer = setInterval(
      () => {
        if (document.hidden) return;
        clearInterval(timer);
        void reload();
      },
      pause(failures - 1),
    );
    return () => clearInterval(timer);
  }, [failures]);
  useEffect(
    () =>
      follow(name, {
        changes: (views) => changes(views),
        load: () => reload(),
        live: setConnected,
      }),
    [name],
  );
  return { live: useSaid(connected && failures === 0), load };
}
