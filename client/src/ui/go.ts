'use client';

import { useRouter } from 'next/navigation';
import { useTransition } from 'react';

/**
 * Leads to another page. `going` until that is there, so that what was done is not done twice; and no longer, as one may turn
 * back on the way, or come back to this very page.
 */
export function useGo(): { going: boolean; go(to: string, how?: 'push' | 'replace'): void } {
  const router = useRouter();
  const [going, start] = useTransition();
  return { going, go: (to, how = 'push') => start(() => router[how](to)) };
}
