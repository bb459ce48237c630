'use client';

import { LOCALE, ownZone, zoneOrUtc } from './format.ts';
import { type ReactNode, useSyncExternalStore } from 'react';

const never = () => () => {};

/** False while the page is as the server sent it. */
export const useHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );

/**
 * A moment in that time zone, or else in the visitor's; without either in UTC, as the server sends it. `brief`: without the date
 * when that is today.
 */
export function Time({
  at,
  zone,
  brief = false,
}: {
  at: string;
  zone?: string | undefined;
  brief?: boolean;
}): ReactNode {
  const hydrated = useHydrated();
  const today = brief && hydrated && new Date(at).toDateString() === new Date().toDateString();
  const shown = zone === undefined ? (hydrated ? ownZone() : 'UTC') : zoneOrUtc(zone);
  const text = new Intl.DateTimeFormat(LOCALE, {
    ...(!today && { dateStyle: 'medium' }),
    timeStyle: 'short',
    timeZone: shown,
  }).format(new Date(at));
  return <time dateTime={at}>{hydrated && shown === ownZone() ? text : `${text} ${shown}`}</time>;
}
