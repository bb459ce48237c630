'use client';

import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import type { Admission } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import styles from './admissions.module.css';
import { useAwake } from './awake.ts';
import { Code } from './code.tsx';
import { placeText } from './words.ts';

/** The code for the door, with whose place it is; as large as the screen where that is wanted. */
export function Shown({ ticket }: { ticket: Admission }): ReactNode {
  const { code, event } = ticket;
  const [full, setFull] = useState(false);
  const has = code !== undefined && event.status !== 'cancelled';
  useAwake(has);
  if (!has) return <p className={styles['place']}>{placeText(ticket)}</p>;
  return (
    <section className={styles['shown']} aria-label="For the door">
      <Code code={code} />
      <Whose ticket={ticket} />
      <div>
        <Button quiet small onClick={() => setFull(true)}>
          Fill the screen
        </Button>
      </div>
      {full && (
        <Full onClose={() => setFull(false)}>
          <Code code={code} />
          <Whose ticket={ticket} />
        </Full>
      )}
    </section>
  );
}

const Whose = ({ ticket }: { ticket: Admission }): ReactNode => (
  <p>
    <strong>{placeText(ticket)}</strong>
    {ticket.name !== undefined && <bdi className={styles['name']}>{ticket.name}</bdi>}
  </p>
);

function Full({ onClose, children }: { onClose(): void; children: ReactNode }): ReactNode {
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
      className={styles['full']}
      aria-label="The code, as large as the screen"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {children}
      <Button quiet small onClick={onClose}>
        Close
      </Button>
    </dialog>
  );
}
