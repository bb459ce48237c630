'use client';

import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import { withBlock, withKind, withNewBlock, withoutBlock, withPool, withSheets } from './change.ts';
import type { BlockDraft, PoolDraft } from './draft.ts';
import { HeldPlan } from './held-plan.tsx';
import { type Form, Input } from './input.tsx';
import styles from './organize.module.css';
import { readRows, readSheet } from './rows.ts';

interface Props {
  form: Form;
  pool: PoolDraft;
  at: number;
}

/** The places of a pool: a number of them, or seats in rows. */
export function PoolFields({ form, pool, at }: Props): ReactNode {
  const { draft, change, fixed } = form;
  const to = (name: 'capacity' | 'held' | 'accessible' | 'companion') => ({
    form,
    name: `pools.${at}.${name}`,
    value: pool[name],
    put: (value: string) => change(withPool(draft, pool.key, { [name]: value })),
  });
  return (
    <>
      <Input
        form={form}
        label="What kind of places"
        name={`pools.${at}.kind`}
        noun="These places"
        value={pool.kind}
        put={(kind) => change(withKind(draft, pool, kind === 'seats' ? 'seats' : 'number'))}
      >
        {(pool.kind === 'number' || !(fixed && pool.id)) && (
          <option value="number">A number of places</option>
        )}
        {(pool.kind === 'seats' || !(fixed && pool.id)) && <option value="seats">Seats in rows</option>}
      </Input>
      {pool.kind === 'number' ? (
        <>
          <div className={styles['pair']}>
            <Input label="How many" noun="The number" {...to('capacity')} inputMode="numeric" />
            <Input
              label="Of them held back"
              noun="What is held back"
              {...to('held')}
              inputMode="numeric"
              hint="Optional. For guests and the box office."
            />
          </div>
          {(pool.accessible || pool.companion) && (
            <div className={styles['pair']}>
              <Input label="Accessible, by number" {...to('accessible')} />
              <Input label="For companions, by number" {...to('companion')} />
            </div>
          )}
        </>
      ) : (
        <>
          <p className={ui['hint']}>
            A line for each row, or for several: “A-H: 20” are eight rows of twenty, “J: 1-18” has seats 1 to
            18, and “K: 3,5,7-12” those. Or paste block, row and seats from a spreadsheet.
          </p>
          {pool.blocks.map((block, index) => (
            <BlockFields
              key={block.key}
              form={form}
              pool={pool}
              block={block}
              at={`pools.${at}.blocks.${index}`}
            />
          ))}
          <div>
            <Button quiet small onClick={() => change(withNewBlock(draft, pool))}>
              Add a block
            </Button>
          </div>
          <HeldPlan form={form} pool={pool} />
        </>
      )}
    </>
  );
}

interface BlockProps {
  form: Form;
  pool: PoolDraft;
  block: BlockDraft;
  /** Its name in the API. */
  at: string;
}

function BlockFields({ form, pool, block, at }: BlockProps): ReactNode {
  const { draft, change, fixed } = form;
  const read = readRows(block.rows);
  const seats = read.wrong === undefined ? read.value.reduce((sum, row) => sum + row.seats, 0) : 0;
  const to = (name: Exclude<keyof BlockDraft, 'key'>) => ({
    form,
    name: `${at}.${name}`,
    value: block[name],
    put: (value: string) => change(withBlock(draft, pool, block.key, { [name]: value })),
  });
  const paste = (text: string) => {
    const sheets = readSheet(text);
    if (!sheets) return false;
    change(withSheets(draft, pool, sheets));
    say(sheets.length === 1 ? 'Pasted into a block.' : `Pasted into ${sheets.length} blocks.`);
    return true;
  };
  return (
    <div className={styles['block']}>
      <Input label="Name of the block" {...to('name')} maxLength={40} placeholder="Stalls, Balcony" />
      <div
        onPaste={(event) => {
          if (paste(event.clipboardData.getData('text'))) event.preventDefault();
        }}
      >
        <Input
          label="Rows and seats"
          noun="Rows"
          {...to('rows')}
          rows={5}
          hint={seats > 0 && read.wrong === undefined && `${read.value.length} rows, ${seats} seats.`}
        />
      </div>
      <div className={styles['pair']}>
        <Input
          label="Held back"
          {...to('held')}
          noun="What is held back"
          rows={2}
          hint="Optional. “A: 1-4”, or whole rows: “B-C”."
        />
        <Input
          label="Accessible"
          {...to('accessible')}
          noun="Accessible seats"
          rows={2}
          hint="Optional, in the same way."
        />
      </div>
      {(block.accessible || block.companion) && (
        <Input
          label="For companions"
          {...to('companion')}
          noun="Seats for companions"
          rows={2}
          hint="Optional. Beside accessible seats."
        />
      )}
      {pool.blocks.length > 1 && !(fixed && pool.id) && (
        <div>
          <Button quiet small onClick={() => change(withoutBlock(draft, pool, block.key))}>
            Remove this block
          </Button>
        </div>
      )}
    </div>
  );
}
