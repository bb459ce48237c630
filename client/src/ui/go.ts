'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState, useTransition } from 'react';

/**
 * Leads to another page. `going` until that is there, so that what was done is not done twice; and no longer, as one may turn
 * back on the way, or come back to this very page.
 */
export function useGo(): { going: boolean; go(to: string, how?: 'push' | 'replace'): void } {
  const router = useRouter();
  const [pending, start] = useTransition();
  /** The browser had kept this page, and shows it again: whatever led away from it is over. */
  const [back, setBack] = useState(false);
  useEffect(() => {
    const show = ({ persisted }: PageTransitionEvent) => persisted && setBack(true);
    addEventListener('pageshow', show);
    return () => removeEventListener('pageshow', show);
  }, []);
  return {
    going: pending && !back,
    go(to, how = 'push') {
      setBack(false);
      start(() => router[how](to));
    },
  };
}
