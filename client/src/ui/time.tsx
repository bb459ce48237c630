'use client';

import { LOCALE } from './format.ts';
import { type ReactNode, useSyncExternalStore } from 'react';

const never = () => () => {};

/** False while the page is as the server sent it. */
export const useHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );

/** A moment in the visitor's time zone; in UTC as the server sends it. `brief`: without the date when that is today. */
export function Time({ at, brief = false }: { at: string; brief?: boolean }): ReactNode {
  const hydrated = useHydrated();
  const today = brief && hydrated && new Date(at).toDateString() === new Date().toDateString();
  const text = new Intl.DateTimeFormat(LOCALE, {
    ...(!today && { dateStyle: 'medium' }),
    timeStyle: 'short',
    ...(!hydrated && { timeZone: 'UTC' }),
  }).format(new Date(at));
  return <time dateTime={at}>{hydrated ? text : `${text} UTC`}</time>;
}
