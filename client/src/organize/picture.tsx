'use client';

import { type ReactNode, useRef, useState } from 'react';
import { api } from '../api/browser.ts';
import type { EventView } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import { useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import styles from './organize.module.css';
import { Section } from './section.tsx';
import { sendFile } from './send.ts';

const TYPES = ['image/jpeg', 'image/png', 'image/webp'];
/** In bytes. */
const MOST = 8_000_000;

interface Props {
  event: EventView | undefined;
  onChange(now: EventView): void;
}

/** What is wrong with a file before it is sent, to be said after what it is. */
function amiss({ type, size }: File): string | undefined {
  if (!TYPES.includes(type)) return 'must be a JPEG, PNG or WebP';
  return size > MOST ? `must have at most ${MOST / 1e6} MB, not ${(size / 1e6).toFixed(1)}` : undefined;
}

/** The picture of an event: sent as soon as it is chosen. */
export function Picture({ event, onChange }: Props): ReactNode {
  const [sent, setSent] = useState<number>();
  const [wrong, setWrong] = useState<string>();
  const [refused, setRefused] = useState<string>();
  const hydrated = useHydrated();
  const input = useRef<HTMLDivElement>(null);
  if (!event)
    return (
      <Section id="picture" title="Picture">
        <p className={ui['muted']}>Save the draft first; then it can have a picture.</p>
      </Section>
    );
  const path = `/api/events/${event.id}/picture`;
  const picture = event.pictures?.at(-1);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    const fault = amiss(file);
    setWrong(fault);
    setRefused(undefined);
    if (fault !== undefined) return;
    setSent(0);
    const answer = await sendFile<EventView>(path, file, setSent);
    setSent(undefined);
    if (answer.ok) {
      onChange(answer.body);
      return say('The picture is there.');
    }
    const about = answer.errors.find(({ field }) => field === 'picture');
    if (about) setWrong(about.message);
    else setRefused(`${answer.detail}.`);
  };
  const remove = async () => {
    const answer = await api<EventView>('DELETE', path);
    setRefused(answer.ok ? undefined : `${answer.detail}.`);
    if (!answer.ok) return;
    onChange(answer.body);
    say('The picture is gone.');
    input.current?.querySelector('input')?.focus();
  };
  return (
    <Section id="picture" title="Picture">
      <Refusal why={refused} />
      {picture && (
        <img
          src={picture.href}
          width={picture.width}
          height={picture.height}
          alt="As it is now"
          className={styles['picture']}
        />
      )}
      <div ref={input}>
        <Field
          label={picture ? 'Another picture' : 'A picture'}
          name="picture"
          type="file"
          accept={TYPES.join(',')}
          disabled={!hydrated || sent !== undefined}
          error={wrong && `The picture ${wrong}`}
          hint={`JPEG, PNG or WebP, up to ${MOST / 1e6} MB; at best 1600 pixels wide. What a camera notes in it, such as where it was taken, is not kept.`}
          onChange={({ target }) => {
            if (target instanceof HTMLInputElement) void choose(target.files?.[0]);
          }}
        />
      </div>
      {sent !== undefined && (
        <p role="status" className={ui['row']}>
          <progress max={1} value={sent} aria-label="Sent so far" />
          <span>{sent < 1 ? `${Math.round(sent * 100)} % is sent` : 'It is being looked at'}</span>
        </p>
      )}
      {picture && (
        <div>
          <Button quiet small onClick={() => void remove()}>
            Take the picture away
          </Button>
        </div>
      )}
    </Section>
  );
}
