'use client';

import { type ReactNode, useState } from 'react';
import { api } from '../api/browser.ts';
import type { Admission } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Refusal } from '../ui/parts.tsx';
import { Secret } from '../ui/secret.tsx';
import { say } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';

interface Props {
  ticket: Admission;
  onChange(): Promise<void>;
}

/** Opens a link by which somebody else gets the ticket, and closes it again. */
export function HandOn({ ticket: { id, offered }, onChange }: Props): ReactNode {
  const [link, setLink] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const path = `/api/admissions/${id}/link`;
  const open = async () => {
    setBusy(true);
    const answer = await api<{ token: string }>('POST', path);
    setRefused(answer.ok ? undefined : `${answer.detail}.`);
    // Behind the #: no server gets it, and no log.
    if (answer.ok) setLink(`${location.origin}/claim#${answer.body.token}`);
    await onChange();
    setBusy(false);
  };
  const close = async () => {
    setBusy(true);
    const answer = await api('DELETE', path);
    setRefused(answer.ok ? undefined : `${answer.detail}.`);
    if (answer.ok) {
      setLink(undefined);
      say('The link is closed.');
    }
    await onChange();
    setBusy(false);
  };
  return (
    <section className={ui['panel']} aria-labelledby="hand-on">
      <h2 id="hand-on">Hand it on</h2>
      <p className={ui['muted']}>
        Who opens the link and takes the ticket has it: your code lets nobody in from then on. The money stays
        as it is.
      </p>
      <Refusal why={refused} />
      {link !== undefined && (
        <Secret link={link} title="A ticket for you">
          Whoever has this link can take the ticket, once. It is shown this once.
        </Secret>
      )}
      {offered !== undefined && (
        <p>
          A link is open since <Time at={offered} brief />.
        </p>
      )}
      <div className={ui['row']}>
        <Button quiet busy={busy} onClick={() => void open()}>
          {offered === undefined ? 'Make a link' : 'Make another, and close that one'}
        </Button>
        {offered !== undefined && (
          <Button quiet busy={busy} onClick={() => void close()}>
            Close the link
          </Button>
        )}
      </div>
    </section>
  );
}
