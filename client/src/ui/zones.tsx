'use client';

import type { ReactNode } from 'react';
import { useHydrated } from './time.tsx';

/** The time zones that this browser knows, and the one that is proposed. */
export function ZoneOptions({ first }: { first: string }): ReactNode {
  const hydrated = useHydrated();
  const zones = new Set([first, 'UTC', ...(hydrated ? Intl.supportedValuesOf('timeZone') : [])]);
  return [...zones].sort().map((name) => <option key={name}>{name}</option>);
}
