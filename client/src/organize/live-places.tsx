'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import type { EventView } from '../api/types.ts';
import { useHall } from '../events/hall.ts';
import type { PlacesNews } from '../events/left.ts';
import { saleOf } from '../events/words.ts';
import { money } from '../ui/format.ts';
import { Badge, NotLive } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import styles from './organize.module.css';
import { countOf } from './places.ts';

const SALE = { open: 'On sale', soon: 'Not on sale yet', closed: 'Sale has ended' } as const;

interface Props {
  event: EventView;
  first: PlacesNews | undefined;
  now: number;
}

/** How many places are taken and left, live, with what is sold of them. */
export function LivePlaces({ event, first, now }: Props): ReactNode {
  const { hall, live } = useHall(event.id, first);
  const isOver = Date.parse(event.endsAt) <= now;
  return (
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
                  <bdi>{tier.name}</bdi>
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
  );
}
