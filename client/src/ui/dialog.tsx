'use client';

import { type ReactNode, useEffect, useId, useRef } from 'react';
import styles from './ui.module.css';

interface Props {
  title: string;
  /** Called when the visitor turns away from it, by Escape too. */
  onClose(): void;
  children: ReactNode;
}

/** A modal dialog, shown as long as it is rendered. */
export function Dialog({ title, onClose, children }: Props): ReactNode {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog
      ref={ref}
      className={styles['dialog']}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles['stack']}>
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
