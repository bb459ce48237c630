'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { api } from '../api/browser.ts';
import type { EventView } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import { checklist } from './checklist.ts';
import styles from './organize.module.css';

interface Props {
  event: EventView;
  now: number;
  onChange(now: EventView): void;
}

/** What is to be done before an event is published; and publishing it. */
export function Before({ event, now, onChange }: Props): ReactNode {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const steps = checklist(event, now);
  const isReady = steps.every(({ needed, done }) => done || !needed);
  const publish = async () => {
    setBusy(true);
    const answer = await api<EventView>('POST', `/api/events/${event.id}/publish`, {
      headers: { 'if-match': `"${event.version}"` },
    });
    setBusy(false);
    if (answer.ok) {
      say('It is published: everybody can see it, and buy.');
      return onChange(answer.body);
    }
    const [fault] = answer.errors;
    if (answer.status !== 412)
      return setRefused(
        `${[answer.detail, fault && `${fault.field} ${fault.message}`].filter(Boolean).join(': ')}.`,
      );
    const latest = await api<EventView>('GET', `/api/events/${event.id}`);
    if (latest.ok) onChange(latest.body);
    setRefused('Somebody else has changed it in the meantime. Look it over again, and publish it then.');
  };
  return (
    <section className={ui['panel']} aria-labelledby="before">
      <h2 id="before">Before you publish</h2>
      <ul className={styles['steps']}>
        {steps.map(({ name, missing, done, needed, at }) => (
          <li key={name} data-done={done}>
            <span aria-hidden="true" className={styles['mark']}>
              {done ? '✓' : needed ? '!' : '○'}
            </span>
            <span>
              <strong>{name}</strong>
              <span className="hidden">{done ? ', done' : needed ? ', missing' : ', not done'}</span>
              {!done && <span className={ui['hint']}>{missing}</span>}
            </span>
            {!done && (
              <Link
                href={`/organize/${event.id}/edit#${at}`}
                prefetch={false}
                aria-label={`${needed ? 'Do this' : 'Add it'}: ${name}`}
              >
                {needed ? 'Do this' : 'Add it'}
              </Link>
            )}
          </li>
        ))}
      </ul>
      <Refusal why={refused} />
      <div className={ui['row']}>
        <Button busy={busy} disabled={!isReady} onClick={() => void publish()}>
          Publish
        </Button>
        <span className={ui['hint']}>
          {isReady
            ? 'Everybody sees it then, and can buy. Places that were published stay.'
            : 'What is marked with an exclamation mark is needed.'}
        </span>
      </div>
    </section>
  );
}
