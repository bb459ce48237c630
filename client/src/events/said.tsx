'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import type { EventView } from '../api/types.ts';
import { addressWith } from '../finding/params.ts';
import { Notice } from '../ui/parts.tsx';
import { Time } from '../ui/time.tsx';
import { TakesBack } from './takes-back.tsx';
import { opensFirst, type Standing } from './words.ts';

interface Props {
  event: EventView;
  state: Standing;
  /** By the server's clock, in milliseconds. */
  now: number;
}

/** What is to be known before all else: what is not as it was announced, and what one waits for. */
export function Said({ event, state, now }: Props): ReactNode {
  const { postponedFrom, returns, title, tiers, zone } = event;
  if (state === 'draft')
    return (
      <Notice>
        <p>Only its team sees it, until it is published; then its tickets are shown below.</p>
      </Notice>
    );
  if (state === 'cancelled')
    return (
      <Notice tone="bad">
        <p>It does not take place. Whoever paid for places gets the money back without asking.</p>
      </Notice>
    );
  if (state === 'over') return null;
  const opens = state === 'soon' ? opensFirst(tiers, now) : undefined;
  return (
    <>
      {postponedFrom !== undefined && (
        <Notice tone="warn">
          <p>
            It was to begin on <Time at={postponedFrom} zone={zone} />, and was postponed.
          </p>
          <TakesBack returns={returns} zone={zone} />
        </Notice>
      )}
      {opens !== undefined && (
        <Notice>
          <p>
            The first tickets go on sale on <Time at={opens} zone={zone} />. This page sells them from then
            on, without being loaded anew.
          </p>
        </Notice>
      )}
      {(state === 'soldOut' || state === 'closed') && (
        <Notice>
          <p>
            {state === 'soldOut'
              ? 'No place is left at the moment. What somebody does not pay for in time comes back, and is shown here at once.'
              : 'Tickets are no longer on sale here.'}
          </p>
          <p>
            <Link
              href={addressWith('/market', { q: Array.from(title).slice(0, 100).join('') })}
              prefetch={false}
            >
              See whether somebody passes theirs on
            </Link>
          </p>
        </Notice>
      )}
    </>
  );
}
