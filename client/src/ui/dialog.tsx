'use client';

import { type ComponentProps, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';
import type { Answer } from '../api/answer.ts';
import { Button } from './button.tsx';
import { Refusal } from './parts.tsx';
import styles from './ui.module.css';

interface DialogProps {
  title: string;
  /** Called when the visitor turns away from it, by Escape too. */
  onClose(): void;
  children: ReactNode;
}

/** A modal dialog, shown as long as it is rendered. */
export function Dialog({ title, onClose, children }: DialogProps): ReactNode {
  const id = useId();
  return (
    <Modal className={styles['dialog']} aria-labelledby={id} onClose={onClose}>
      <div className={styles['stack']}>
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </Modal>
  );
}

type ModalProps = Pick<ComponentProps<'dialog'>, 'className' | 'aria-label' | 'aria-labelledby'> &
  Pick<DialogProps, 'onClose' | 'children'>;

/** What a modal dialog does, however it looks. */
export function Modal({ onClose, ...props }: ModalProps): ReactNode {
  const ref = useRef<HTMLDialogElement>(null);
  // Closing it gives the focus back to where it was.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      {...props}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    />
  );
}

interface ConfirmProps extends Pick<
  ComponentProps<typeof Button>,
  'quiet' | 'small' | 'danger' | 'disabled'
> {
  label: string;
  /** What the dialog asks, and the button that says yes to it. */
  title?: string;
  yes?: string;
  /** Does it; a refusal is told in the dialog. */
  act(close: () => void): Promise<Answer<unknown>>;
  children: ReactNode;
}

/** A button that asks before it does what cannot be undone. */
export function Confirm({
  label,
  title = `${label}?`,
  yes = label,
  act,
  children,
  ...looks
}: ConfirmProps): ReactNode {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState('');
  const close = () => setAsking(false);
  const go = async () => {
    setBusy(true);
    const answer = await act(close);
    setBusy(false);
    if (!answer.ok) setRefused(`${answer.detail}.`);
  };
  return (
    <>
      <Button {...looks} onClick={() => setAsking(true)}>
        {label}
      </Button>
      {asking && (
        <Dialog title={title} onClose={close}>
          <p>{children}</p>
          <Refusal why={refused} />
          <div className={styles['row']}>
            <Button danger busy={busy} onClick={() => void go()}>
              {yes}
            </Button>
            <Button quiet onClick={close}>
              Keep it
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
