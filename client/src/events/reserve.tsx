'use client';

import Link from 'next/link';
import { type ReactNode, useRef } from 'react';
import type { Problem } from '../api/answer.ts';
import { Button } from '../ui/button.tsx';
import { money } from '../ui/format.ts';
import { Notice } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';

interface Props {
  /** Places that were chosen, and what they cost. */
  size: number;
  total: number;
  currency: string;
  /** What is other than the buyer has seen: that is asked again. */
  changes: readonly string[];
  problem: Problem | undefined;
  busy: boolean;
  onSeen(): void;
  onReserve(): void;
}

/** What is to be known before what was chosen is reserved, and doing so. */
export function Reserve({
  size,
  total,
  currency,
  changes,
  problem,
  busy,
  onSeen,
  onReserve,
}: Props): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  const places = `${size} ${size === 1 ? 'place' : 'places'}`;
  return (
    <>
      {size > 0 && changes.length > 0 ? (
        <Notice tone="warn" alert>
          {changes.map((text) => (
            <p key={text}>{text}</p>
          ))}
          <Button
            quiet
            small
            onClick={() => {
              onSeen();
              requestAnimationFrame(() => button.current?.focus());
            }}
          >
            I have seen it
          </Button>
        </Notice>
      ) : (
        problem && (
          <Notice tone="bad" alert>
            <p>{`${problem.detail}.`}</p>
            {problem.detail.includes('unpaid') && (
              <p>
                <Link href="/orders">See your orders.</Link>
              </p>
            )}
          </Notice>
        )
      )}
      {size > 0 && (
        <div className={ui['reach']}>
          <Button ref={button} busy={busy} disabled={changes.length > 0} onClick={onReserve}>
            {total === 0 ? `Take ${places}, free` : `Reserve ${places} for ${money(total, currency)}`}
          </Button>
          <p className={ui['hint']}>
            {total === 0
              ? 'They are yours at once.'
              : 'Nothing is charged now. The order says how long they are yours.'}
          </p>
        </div>
      )}
    </>
  );
}
