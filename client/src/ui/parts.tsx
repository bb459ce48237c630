'use client';

// So a browser gets it once, with what stands around every page, and not again with each of them.

import type { ReactNode } from 'react';
import styles from './ui.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

export const Badge = ({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }): ReactNode => (
  <span className={styles['badge']} data-tone={tone}>
    {children}
  </span>
);

/** What a visitor should know now; `alert` interrupts a screen reader. */
export const Notice = ({
  tone = 'plain',
  alert = false,
  children,
}: {
  tone?: Tone;
  alert?: boolean;
  children: ReactNode;
}): ReactNode => (
  <div className={styles['notice']} data-tone={tone} role={alert ? 'alert' : undefined}>
    {children}
  </div>
);

/** Why something was refused, and what to know of it; nothing as long as nothing was. */
export const Refusal = ({ why, children }: { why: string | undefined; children?: ReactNode }): ReactNode =>
  why && (
    <Notice tone="bad" alert>
      <p>{why}</p>
      {children}
    </Notice>
  );

/** What a page says for as long as it does not hear, or could not read, what has changed; where it moves nothing. */
export const NotLive = ({
  live,
  children = 'What you see may have changed.',
}: {
  live: boolean;
  children?: string;
}): ReactNode =>
  !live && (
    <p className={styles['lost']} role="status">
      {`Not connected at the moment. ${children}`}
    </p>
  );

/** A page, or a part of it, that has nothing to show: what that means, and what to do. */
export const Empty = ({
  title,
  level = 2,
  children,
}: {
  title: string;
  level?: 1 | 2;
  children?: ReactNode;
}): ReactNode => {
  const Heading = `h${level}` as const;
  return (
    <div className={styles['empty']}>
      <Heading>{title}</Heading>
      {children}
    </div>
  );
};

/** The main part of a page; `narrow` for what is read rather than browsed. */
export const Page = ({ narrow = false, children }: { narrow?: boolean; children: ReactNode }): ReactNode => (
  <main
    id="main"
    className={[styles['page'], narrow && styles['narrow']].filter(Boolean).join(' ')}
    tabIndex={-1}
  >
    {children}
  </main>
);
