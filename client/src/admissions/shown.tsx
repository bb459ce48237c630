'use client';

import { type ReactNode, useState } from 'react';
import type { Admission } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Modal } from '../ui/dialog.tsx';
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

const Full = ({ onClose, children }: { onClose(): void; children: ReactNode }): ReactNode => (
  <Modal className={styles['full']} aria-label="The code, as large as the screen" onClose={onClose}>
    {children}
    <Button quiet small onClick={onClose}>
      Close
    </Button>
  </Modal>
);
