'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { api } from '../api/browser.ts';
import type { EventView } from '../api/types.ts';
import { usePerson } from '../session/keeper.tsx';
import { forgetSecret, useSecret } from '../session/secret.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { useGo } from '../ui/go.ts';
import { Notice, Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';

const JOIN = 'join';

/** Whoever has the link joins the team of an event. */
export function Join(): ReactNode {
  const by = usePerson()?.id;
  const { going, go } = useGo();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const token = useSecret(JOIN);
  if (token === undefined)
    return (
      <Notice tone="warn">
        <p>There is no link here: open the one that you were given, all of it.</p>
      </Notice>
    );
  if (by === undefined)
    return (
      <div className={ui['stack']}>
        <p>You were invited to the team of an event. Sign in to join it.</p>
        <div>
          <LinkButton href="/signin?to=/organize/join" prefetch={false}>
            Sign in to join
          </LinkButton>
        </div>
      </div>
    );
  const join = async () => {
    setBusy(true);
    const answer = await api<EventView>('POST', '/api/events/team', { body: { token } });
    setBusy(false);
    if (!answer.ok) return setRefused(`${answer.detail}.`);
    forgetSecret(JOIN);
    say('You are in the team.');
    go(`/organize/${answer.body.id}`, 'replace');
  };
  return (
    <div className={ui['stack']}>
      <p>You were invited to the team of an event.</p>
      <Refusal why={refused} />
      <div className={ui['row']}>
        <Button busy={busy || going} onClick={() => void join()}>
          Join the team
        </Button>
        <Link href="/organize" prefetch={false} className={ui['muted']}>
          Your events
        </Link>
      </div>
    </div>
  );
}
