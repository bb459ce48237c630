'use client';

import { useEffect } from 'react';
import { useHydrated } from '../ui/time.tsx';
import { storage } from './storage.ts';

/**
 * What a link has behind its #, or what of it was kept in this tab while somebody signed in: an address of ours goes without.
 * Empty until the page can tell, undefined where there is none.
 */
export function useSecret(name: string): string | undefined {
  const hydrated = useHydrated();
  const secret = hydrated
    ? location.hash.slice(1) || (storage('sessionStorage')?.getItem(name) ?? undefined)
    : '';
  useEffect(() => {
    if (secret) storage('sessionStorage')?.setItem(name, secret);
  }, [name, secret]);
  return secret;
}

export const forgetSecret = (name: string): void => storage('sessionStorage')?.removeItem(name);
