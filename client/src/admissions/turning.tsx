'use client';

import Link from 'next/link';
import { type ComponentProps, type ReactNode, useEffect, useEffectEvent, useRef } from 'react';
import type { Admission } from '../api/types.ts';
import { useGo } from '../ui/go.ts';
import ui from '../ui/ui.module.css';
import styles from './admissions.module.css';
import { placeText } from './words.ts';

/** So far a finger goes that turns to the next ticket, in pixels, and more to the side than down. */
const SWIPE = 60;

interface Turning {
  before: Admission | undefined;
  after: Admission | undefined;
  swipe: Pick<ComponentProps<'article'>, 'onTouchStart' | 'onTouchEnd'>;
}

const pathOf = ({ id }: Admission) => `/my-tickets/${id}`;

/** Turns to the tickets beside one, by the arrow keys and by a finger. */
export function useTurning(all: readonly Admission[], id: string): Turning {
  const { go } = useGo();
  const at = all.findIndex((one) => one.id === id);
  const before = all[at - 1];
  const after = all[at + 1];
  const from = useRef<{ x: number; y: number }>(undefined);
  const turn = (to: Admission | undefined) => {
    if (to) go(pathOf(to), 'replace');
  };
  const press = useEffectEvent((event: KeyboardEvent) => {
    const { target, key, altKey, ctrlKey, metaKey, shiftKey } = event;
    if (altKey || ctrlKey || metaKey || shiftKey) return;
    // Where somebody types, and in a dialog, they mean something else.
    if (target instanceof Element && target.closest('input, textarea, select, dialog')) return;
    if (key === 'ArrowLeft') turn(before);
    if (key === 'ArrowRight') turn(after);
  });
  useEffect(() => {
    const heard = (event: KeyboardEvent) => press(event);
    addEventListener('keydown', heard);
    return () => removeEventListener('keydown', heard);
  }, []);
  return {
    before,
    after,
    swipe: {
      onTouchStart({ touches }) {
        const finger = touches.length === 1 ? touches[0] : undefined;
        from.current = finger && { x: finger.clientX, y: finger.clientY };
      },
      onTouchEnd({ changedTouches }) {
        const finger = changedTouches[0];
        if (!from.current || !finger) return;
        const [x, y] = [finger.clientX - from.current.x, finger.clientY - from.current.y];
        from.current = undefined;
        if (Math.abs(x) < SWIPE || Math.abs(x) < 2 * Math.abs(y)) return;
        turn(x > 0 ? before : after);
      },
    },
  };
}

interface Props extends Pick<Turning, 'before' | 'after'> {
  all: readonly Admission[];
}

/** The ways to the tickets beside one; nothing where it is the only one. */
export function Beside({ all, before, after }: Props): ReactNode {
  if (all.length < 2) return null;
  const at = before ? all.indexOf(before) + 2 : 1;
  return (
    <nav aria-label="Tickets of this event" className={styles['beside']}>
      {before ? <To ticket={before} label="Previous" /> : <span />}
      <span className={ui['muted']}>{`${at} of ${all.length}`}</span>
      {after ? <To ticket={after} label="Next" /> : <span />}
    </nav>
  );
}

const To = ({ ticket, label }: { ticket: Admission; label: string }): ReactNode => (
  <Link href={pathOf(ticket)} prefetch={false} replace>
    <span>{label}</span>
    <span className="hidden">{`: ${placeText(ticket)}`}</span>
  </Link>
);
