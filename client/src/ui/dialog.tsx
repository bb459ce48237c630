'use client';

import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
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
  // Closing it gives the focus back to where it was.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
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
