'use client';

import { type ReactNode, useMemo, useRef, useState } from 'react';
import { HallPlan } from '../events/hall-plan.tsx';
import { Button } from '../ui/button.tsx';
import ui from '../ui/ui.module.css';
import { withPool } from './change.ts';
import type { PoolDraft } from './draft.ts';
import { typedSeats, withHeld } from './held.ts';
import type { Form } from './input.tsx';

const MEANINGS = { f: 'For everybody', c: 'Held back' } as const;

/** What is held back of seats in rows, on their plan: what is typed beside the blocks follows, and the plan what is typed. */
export function HeldPlan({ form, pool }: { form: Form; pool: PoolDraft }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <div>
        <Button quiet small aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Put the plan away' : 'Hold back on the plan'}
        </Button>
      </div>
      {open && <OnPlan form={form} pool={pool} />}
    </>
  );
}

function OnPlan({ form: { draft, change }, pool }: { form: Form; pool: PoolDraft }): ReactNode {
  const { blocks } = pool;
  const seats = useMemo(() => typedSeats(blocks), [blocks]);
  const last = useRef<number>(undefined);
  if (!seats)
    return <p className={ui['hint']}>The plan is here as soon as the rows and seats can be read.</p>;
  const { capacity, held } = seats;
  const states = Array.from({ length: capacity }, (_, place) => (held.has(place) ? 'c' : 'f')).join('');
  const choose = (place: number, on: boolean) => {
    const from = on && last.current !== undefined && last.current < capacity ? last.current : place;
    // With Shift all become what the last one is.
    const back = from === place ? !held.has(place) : held.has(from);
    last.current = place;
    change(withPool(draft, pool.key, { blocks: withHeld(blocks, seats, [from, place], back) }));
  };
  return (
    <HallPlan pool={seats} title="What is held back" states={states} meanings={MEANINGS} onChoose={choose}>
      <p className={ui['hint']}>
        For guests and the box office. With Shift, all from the last one to this. Nothing is saved before you
        do.
      </p>
    </HallPlan>
  );
}
