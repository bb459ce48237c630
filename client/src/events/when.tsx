'use client';

import type { ReactNode } from 'react';
import { ownZone } from '../ui/format.ts';
import { useHydrated } from '../ui/time.tsx';
import { beginText, type Span, spanText, zoneCalled } from './times.ts';
import styles from './when.module.css';

/** When an event is: at its venue, and by the clocks of the visitor where they show otherwise. */
export function When({ event }: { event: Span }): ReactNode {
  const hydrated = useHydrated();
  const there = spanText(event, event.zone);
  const here = hydrated ? spanText(event, ownZone()) : there;
  return (
    <span className={styles['when']}>
      <span>
        <time dateTime={event.startsAt}>{there}</time>
        <span>{` ${zoneCalled(event.zone)}`}</span>
      </span>
      {here !== there && <span className={styles['own']}>{`${here} ${zoneCalled(ownZone())}, yours`}</span>}
    </span>
  );
}

/** When it begins at its venue, in short; with the name of its zone for who lives by other clocks. */
export function Begins({ event }: { event: Span }): ReactNode {
  const hydrated = useHydrated();
  const there = beginText(event, event.zone);
  const elsewhere = hydrated && spanText(event, ownZone()) !== spanText(event, event.zone);
  return (
    <span>
      <time dateTime={event.startsAt}>{there}</time>
      {elsewhere && <span>{` ${zoneCalled(event.zone)}`}</span>}
    </span>
  );
}
