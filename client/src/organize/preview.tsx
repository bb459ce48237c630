'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import type { EventView } from '../api/types.ts';
import { zoneCalled } from '../events/times.ts';
import { Art } from '../ui/art.tsx';
import { LOCALE } from '../ui/format.ts';
import { late } from '../ui/late.tsx';
import ui from '../ui/ui.module.css';
import type { Draft } from './draft.ts';
import styles from './organize.module.css';
import { Section } from './section.tsx';

const Description = late(() => import('../events/description.ts').then((file) => file.Description));

/** A local time as it was typed, in words; it is at no moment until its zone says so. */
function localText(local: string): string | undefined {
  const moment = Date.parse(`${local.slice(0, 16)}Z`);
  if (Number.isNaN(moment)) return undefined;
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' }).format(
    moment,
  );
}

/** What is typed, about as people will see it. */
export function Preview({ draft, event }: { draft: Draft; event: EventView | undefined }): ReactNode {
  const { plain, tiers } = draft;
  const picture = event?.pictures?.at(-1);
  const [starts, ends] = [localText(plain.starts), localText(plain.ends)];
  const shown = tiers.filter(({ hidden }) => hidden === '');
  return (
    <Section id="preview" title="Preview">
      <article className={styles['preview']}>
        <div className={styles['banner']}>
          {picture ? <img src={picture.href} alt="" /> : <Art seed={event?.id ?? 'new'} />}
        </div>
        <h3 dir="auto">{plain.title || 'No title yet'}</h3>
        {starts !== undefined && (
          <p>
            <span>{starts}</span>
            {ends !== undefined && <span>{` to ${ends}`}</span>}
            <span>{`, ${zoneCalled(plain.zone)}`}</span>
          </p>
        )}
        {(plain['venue.name'] || plain['venue.city']) && (
          <p>
            <bdi>{[plain['venue.name'], plain['venue.city']].filter(Boolean).join(', ')}</bdi>
          </p>
        )}
        {plain.description.trim() && (
          <div className={styles['words']}>
            <Description text={plain.description} />
          </div>
        )}
        {shown.length > 0 && (
          <ul className={styles['lines']}>
            {shown.map(({ key, name, price }) => (
              <li key={key}>
                <bdi>{name || 'No name yet'}</bdi>
                <strong>{price}</strong>
              </li>
            ))}
          </ul>
        )}
      </article>
      {event && (
        <p className={ui['hint']}>
          <Link href={`/events/${event.id}`} prefetch={false}>
            See the page itself
          </Link>
          {event.status === 'draft' && (
            <span> as your team does; nobody else can before it is published.</span>
          )}
        </p>
      )}
    </Section>
  );
}
