'use client';

import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Notice } from './parts.tsx';
import { say } from './status.tsx';
import styles from './ui.module.css';

interface Props {
  link: string;
  /** What a device that can hand it to somebody calls it there; without it, it is copied only. */
  title?: string;
  children: ReactNode;
}

/** A link that lets somebody do something, shown once. */
export function Secret({ link, title, children }: Props): ReactNode {
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => say('The link is copied.'),
      () => say('It cannot be copied here: select it instead.'),
    );
  // Who changes their mind there has seen that nothing was sent.
  const share = () => navigator.share({ title: title ?? '', url: link }).catch(() => undefined);
  return (
    <Notice tone="good" alert>
      <p>{children}</p>
      <p className={styles['secret']}>{link}</p>
      <div className={styles['row']}>
        {title !== undefined && 'share' in navigator && (
          <Button quiet small onClick={() => void share()}>
            Send the link
          </Button>
        )}
        <Button quiet small onClick={() => void copy()}>
          Copy the link
        </Button>
      </div>
    </Notice>
  );
}
