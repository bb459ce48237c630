'use client';

import Link from 'next/link';
import { memo, type ReactNode } from 'react';
import type { EventView } from '../api/types.ts';
import ui from '../ui/ui.module.css';
import { addressOf, mapOf } from './address.ts';
import styles from './event.module.css';
import { Share } from './share.tsx';
import { When } from './when.tsx';

/** When and where, by whom; and what to do with that. */
export const Facts = memo(function Facts({ event }: { event: EventView }): ReactNode {
  const { id, venue, organizer, role } = event;
  const [name, ...address] = addressOf(venue);
  return (
    <section className={styles['facts']} aria-label="When and where">
      <dl>
        <div>
          <dt>When</dt>
          <dd>
            <When event={event} />
          </dd>
        </div>
        <div>
          <dt>Where</dt>
          <dd>
            <strong dir="auto">{name}</strong>
            {address.map((line, index) => (
              <span key={index} dir="auto">
                {line}
              </span>
            ))}
            <a href={mapOf(venue)} rel="noreferrer">
              See it on a map
            </a>
          </dd>
        </div>
        <div>
          <dt>By</dt>
          <dd>
            <strong dir="auto">{organizer.name}</strong>
            {organizer.address !== undefined && (
              <span dir="auto" className={styles['lines']}>
                {organizer.address}
              </span>
            )}
            {organizer.taxNumber !== undefined && (
              <span>
                <span>Tax number </span>
                <bdi>{organizer.taxNumber}</bdi>
              </span>
            )}
          </dd>
        </div>
      </dl>
      <div className={ui['row']}>
        <Share path={`/events/${id}`} title={event.title} />
        <a className={styles['calendar']} href={`/events/${id}/calendar.ics`}>
          Add to a calendar
        </a>
        {role !== undefined && role !== 'door' && (
          <Link href={`/organize/${id}`} prefetch={false}>
            Organize it
          </Link>
        )}
      </div>
    </section>
  );
});
