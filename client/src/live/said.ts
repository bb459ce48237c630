'use client';

import { useEffect, useState, useSyncExternalStore } from 'react';

/** What is over sooner is not worth a word, in milliseconds: a stream that is cut comes back. */
const BRIEF = 5000;

const onNetwork = (look: () => void) => {
  for (const name of ['online', 'offline']) addEventListener(name, look);
  return () => {
    for (const name of ['online', 'offline']) removeEventListener(name, look);
  };
};

/** Whether it is true, or has not been for a moment only. A device without a network is told at once. */
export function useSaid(live: boolean): boolean {
  const [long, setLong] = useState(false);
  const online = useSyncExternalStore(
    onNetwork,
    () => navigator.onLine,
    () => true,
  );
  useEffect(() => {
    if (live) return;
    const timer = setTimeout(() => setLong(true), BRIEF);
    return () => {
      clearTimeout(timer);
      setLong(false);
    };
  }, [live]);
  return online && !long;
}
