'use client';

import Link from 'next/link';
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { Success } from '../api/answer.ts';
import { api } from '../api/browser.ts';
import type { EventSales, EventView } from '../api/types.ts';
import { useHall } from '../events/hall.ts';
import type { PlacesNews } from '../events/left.ts';
import { saleOf } from '../events/words.ts';
import { Chart } from '../selling/chart.tsx';
import { money } from '../ui/format.ts';
import { Badge, NotLive } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import { Conversions } from './conversions.tsx';
import styles from './organize.module.css';
import { countOf, salesPath } from './places.ts';

const SALE = { open: 'On sale', soon: 'Not on sale yet', closed: 'Sale has ended' } as const;

/** Between two readings of what was sold, in milliseconds: of many sales one is read. */
const PAUSE = 1500;

interface Props {
  event: EventView;
  first: PlacesNews | undefined;
  sales: Success<EventSales> | undefined;
  now: number;
}

/** What was sold, read again as places come and go, and while somebody is paying. */
function useSales({ id, role }: EventView, first: Success<EventSales> | undefined, changes: unknown) {
  const [sales, setSales] = useState(first);
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  const held = sales?.body.held ?? 0;
  const read = useEffectEvent(async () => {
    // Who is at the door is not told.
    if (role === 'door') return;
    const answer = await api<EventSales>('GET', salesPath(id));
    if (answer.ok) setSales(answer);
  });
  useEffect(() => {
    due.current ??= setTimeout(() => {
      due.current = undefined;
      void read();
    }, PAUSE);
  }, [changes]);
  useEffect(() => {
    if (held === 0) return;
    const timer = setInterval(() => document.hidden || void read(), 2 * PAUSE);
    return () => clearInterval(timer);
  }, [held]);
  return sales;
}

/** How an event sells: how many places are taken and left, live, and what was earned. */
export function LivePlaces({ event, first, sales: before, now }: Props): ReactNode {
  const { hall, live } = useHall(event.id, first);
  const sales = useSales(event, before, hall);
  const soldAs = new Map(sales?.body.tiers.map((tier) => [tier.tierId, tier]));
  const isOver = Date.parse(event.endsAt) <= now;
  return (
    <>
      {sales && (
        <Chart earnings={sales.body} zone={event.zone} at={sales.at}>
          <p className={ui['hint']}>
            {`Days at the venue, ${event.zone}.${sales.body.elsewhere > 0 ? ` Besides, ${money(sales.body.elsewhere, event.currency)} was paid at the box office.` : ''}`}
          </p>
        </Chart>
      )}
      {sales && <Conversions event={event} sales={sales.body} />}
      <section className={ui['panel']} aria-labelledby="places">
        <NotLive live={live} />
        <h2 id="places">Places</h2>
        {event.pools.map((pool, at) => {
          const { left, taken, held } = countOf(pool, hall.get(pool.id)?.left);
          const tiers = event.tiers.filter(({ poolId }) => poolId === pool.id);
          const name = pool.blocks?.map((block) => block.name).join(', ') ?? `Places ${at + 1}`;
          return (
            <div key={pool.id} className={styles['pool']}>
              <h3 dir="auto">{event.pools.length > 1 || pool.blocks ? name : 'All places'}</h3>
              <dl className={styles['counts']}>
                <div>
                  <dt>Taken</dt>
                  <dd>{taken ?? '…'}</dd>
                </div>
                <div>
                  <dt>Left</dt>
                  <dd>{left ?? '…'}</dd>
                </div>
                <div>
                  <dt>Held back</dt>
                  <dd>{held}</dd>
                </div>
                <div>
                  <dt>In all</dt>
                  <dd>{pool.capacity}</dd>
                </div>
              </dl>
              <meter
                className={styles['meter']}
                min={0}
                max={pool.capacity}
                value={taken ?? 0}
                aria-label={`Taken of ${pool.capacity}`}
              />
              <ul className={styles['lines']}>
                {tiers.map((tier) => (
                  <li key={tier.id}>
                    <span>
                      <bdi>{tier.name}</bdi>
                      <span className={ui['muted']}>{said(soldAs.get(tier.id))}</span>
                    </span>
                    <span className={ui['row']}>
                      <span>{tier.price === 0 ? 'Free' : money(tier.price, event.currency)}</span>
                      <Badge>{tier.hidden ? 'Hidden' : isOver ? 'Over' : SALE[saleOf(tier, now)]}</Badge>
                    </span>
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
        <p className={ui['hint']}>
          <span>Taken are those that are sold, and those that somebody is just paying.</span>
        </p>
        {!isOver && event.role !== 'door' && (
          <p className={ui['hint']}>
            <Link href={`/organize/${event.id}/edit#tickets`} prefetch={false}>
              Hold back others
            </Link>
          </p>
        )}
      </section>
    </>
  );
}

/** What was sold of a ticket, behind its name. */
function said(tier: EventSales['tiers'][number] | undefined): string {
  if (!tier) return '';
  return `, ${tier.sold} sold${tier.held > 0 ? `, ${tier.held} being paid` : ''}`;
}
