'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { type FieldError, wrongFields } from '../api/answer.ts';
import { once } from '../api/browser.ts';
import type { EventView, Order } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { isolated, money } from '../ui/format.ts';
import { Notice, Refusal } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import styles from './organize.module.css';
import { readPlaces } from './rows.ts';

const NAMES = {
  for: 'Whom it is for',
  tier: 'The ticket',
  quantity: 'The number',
  block: 'The block',
  seats: 'The seats',
};
const MOST = 100;

/** Guests, who pay nothing, and what is sold at the box office and paid there; also of what is held back. */
export function Guests({ event }: { event: EventView }): ReactNode {
  const [tierId, setTierId] = useState(event.tiers[0]?.id ?? '');
  const [block, setBlock] = useState('0');
  const [placed, setPlaced] = useState<Order>();
  const tier = event.tiers.find(({ id }) => id === tierId);
  const pool = event.pools.find(({ id }) => id === tier?.poolId);

  const form = useForm(NAMES, async ({ for: whom = 'guests', quantity = '', seats = '' }) => {
    setPlaced(undefined);
    const faults: FieldError[] = [];
    const chosen =
      pool?.blocks && seats.trim() !== '' ? placesIn(pool.blocks, Number(block), seats) : undefined;
    if (typeof chosen === 'string') faults.push({ field: 'seats', message: chosen });
    const count = Number(quantity);
    if (chosen === undefined && !(Number.isInteger(count) && count >= 1 && count <= MOST))
      faults.push({ field: 'quantity', message: `must be a whole number from 1 to ${MOST}` });
    if (faults.length > 0) return wrongFields(faults);
    const line = {
      tierId,
      price: whom === 'guests' ? 0 : (tier?.price ?? 0),
      ...(chosen === undefined ? { quantity: count } : { places: chosen }),
    };
    const answer = await once<Order>('/api/orders', { eventId: event.id, for: whom, lines: [line] });
    if (answer.ok) {
      setPlaced(answer.body);
      return answer;
    }
    const beside = chosen === undefined ? 'quantity' : 'seats';
    const errors = answer.errors.map(({ field = '', message }) => ({
      message,
      field: /^lines\.0\.(quantity|places)/.test(field) ? beside : field,
    }));
    return { ...answer, errors };
  });
  return (
    <section className={ui['panel']} aria-labelledby="guests">
      <h2 id="guests">Guests and box office</h2>
      <p className={ui['hint']}>
        Guests pay nothing. What is paid at the box office is paid there. What is held back is given first.
      </p>
      {placed && (
        <Notice tone="good" alert>
          <p>
            <span>
              {placed.items.length === 1
                ? 'One place is taken. '
                : `${placed.items.length} places are taken. `}
            </span>
            <Link href={`/orders/${placed.id}`} prefetch={false}>
              {`Order ${placed.number ?? placed.id}`}
            </Link>
          </p>
        </Notice>
      )}
      <form {...form.attributes} className={ui['stack']}>
        <Refusal why={form.problem} />
        <div className={styles['pair']}>
          <Field label="Whom for" {...form.field('for')}>
            <option value="guests">Guests, for nothing</option>
            <option value="box-office">Box office, paid there</option>
          </Field>
          <Field
            label="Ticket"
            {...form.field('tier')}
            value={tierId}
            onChange={({ target }) => setTierId(target.value)}
          >
            {event.tiers.map(({ id, name, price }) => (
              <option key={id} value={id}>
                {`${isolated(name)}, ${money(price, event.currency)}`}
              </option>
            ))}
          </Field>
        </div>
        <Field label="How many" {...form.field('quantity')} inputMode="numeric" defaultValue="1" />
        {pool?.blocks && (
          <div className={styles['pair']}>
            <Field
              label="Block"
              {...form.field('block')}
              value={block}
              onChange={({ target }) => setBlock(target.value)}
            >
              {pool.blocks.map(({ name }, at) => (
                <option key={name} value={at}>
                  {name}
                </option>
              ))}
            </Field>
            <Field
              label="Or just these seats"
              {...form.field('seats')}
              rows={2}
              hint="Optional. “A: 1-4”, or whole rows: “B-C”."
            />
          </div>
        )}
        <div>
          <Button type="submit" quiet busy={form.busy}>
            Give these places
          </Button>
        </div>
      </form>
    </section>
  );
}

type Blocks = NonNullable<EventView['pools'][number]['blocks']>;

/** Places of the pool that were typed as seats of one of its blocks, or what is wrong with them. */
function placesIn(blocks: Blocks, at: number, seats: string): number[] | string {
  const first = blocks
    .slice(0, at)
    .reduce((sum, { rows }) => sum + rows.reduce((all, row) => all + row.seats, 0), 0);
  const read = readPlaces(seats, blocks[at]?.rows ?? [], first);
  if (read.wrong !== undefined) return read.wrong;
  return read.value.length > MOST ? `must be at most ${MOST}` : read.value;
}
