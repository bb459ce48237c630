'use client';

import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { useHydrated } from './time.tsx';
import styles from './ui.module.css';

interface Looks {
  quiet?: boolean;
  danger?: boolean;
  small?: boolean;
}

const looks = ({ quiet, danger, small }: Looks, ...more: (string | false | undefined)[]) =>
  [styles['button'], quiet && styles['quiet'], danger && styles['danger'], small && styles['small'], ...more]
    .filter(Boolean)
    .join(' ');

/** `busy`: its work is under way, and another click does nothing. Not to be pressed before the page can answer. */
export function Button({
  quiet = false,
  danger = false,
  small = false,
  busy = false,
  disabled = false,
  onClick,
  type = 'button',
  ...props
}: ComponentProps<'button'> & Looks & { busy?: boolean }): ReactNode {
  const hydrated = useHydrated();
  return (
    <button
      {...props}
      type={type}
      className={looks({ quiet, danger, small }, busy && styles['busy'])}
      disabled={disabled || !hydrated}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}

export const LinkButton = ({
  quiet = false,
  danger = false,
  small = false,
  ...props
}: ComponentProps<typeof Link> & Looks): ReactNode => (
  <Link {...props} className={looks({ quiet, danger, small })} />
);
