'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { api } from '../api/browser.ts';
import type { Admission } from '../api/types.ts';
import { usePerson } from '../session/keeper.tsx';
import { forgetSecret, useSecret } from '../session/secret.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { useGo } from '../ui/go.ts';
import { Notice, Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';

const CLAIM = 'claim';

/** Whoever has the link takes the ticket, by a button: programs that only look at a link take nothing. */
export function Claim(): ReactNode {
  const by = usePerson()?.id;
  const token = useSecret(CLAIM);
  const { going, go } = useGo();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  if (token === undefined)
    return (
      <Notice tone="warn">
        <p>There is no link here: open the one that you were given, all of it.</p>
      </Notice>
    );
  const what = <p>Somebody hands a ticket on to you. What it is for, you see when it is yours.</p>;
  if (by === undefined)
    return (
      <div className={ui['stack']}>
        {what}
        <div>
          <LinkButton href="/signin?to=/claim" prefetch={false}>
            Sign in to take it
          </LinkButton>
        </div>
      </div>
    );
  const take = async () => {
    setBusy(true);
    const answer = await api<Admission>('POST', '/api/admissions/claims', { body: { token } });
    setBusy(false);
    if (!answer.ok) return setRefused(`${answer.detail}.`);
    forgetSecret(CLAIM);
    say('The ticket is yours.');
    go(`/my-tickets/${answer.body.id}`, 'replace');
  };
  return (
    <div className={ui['stack']}>
      {what}
      <p className={ui['muted']}>From then on it lets in nobody but who shows your code.</p>
      <Refusal why={refused} />
      <div className={ui['row']}>
        <Button busy={busy || going} onClick={() => void take()}>
          Take the ticket
        </Button>
        <Link href="/my-tickets" prefetch={false} className={ui['muted']}>
          My tickets
        </Link>
      </div>
    </div>
  );
}
