'use client';

import type { ReactNode } from 'react';
import { ownZone } from '../ui/format.ts';
import { useHydrated } from '../ui/time.tsx';
import { type Form, PlainInput, PlainTime } from './input.tsx';
import styles from './organize.module.css';
import { Section } from './section.tsx';

/** When it is, by the clocks of where it is. */
export function WhenAndWhere({ form }: { form: Form }): ReactNode {
  const hydrated = useHydrated();
  const { zone } = form.draft.plain;
  const own = hydrated ? ownZone() : 'UTC';
  const all = hydrated ? ['UTC', ...Intl.supportedValuesOf('timeZone')] : [];
  const first = [...new Set([own, zone])];
  return (
    <Section id="when" title="When and where">
      <PlainInput form={form} name="zone" hint="Of the venue. All times here are by its clocks.">
        {first.map((name) => (
          <option key={name} value={name}>
            {name === own ? `${name} (yours)` : name}
          </option>
        ))}
        {[...new Set(all)]
          .filter((name) => !first.includes(name))
          .sort()
          .map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
      </PlainInput>
      <div className={styles['pair']}>
        <PlainTime form={form} name="starts" noun="The beginning" />
        <PlainTime form={form} name="ends" noun="The end" />
      </div>
      <div className={styles['pair']}>
        <PlainInput form={form} name="venue.name" maxLength={100} />
        <PlainInput form={form} name="venue.city" maxLength={100} />
      </div>
      <PlainInput
        form={form}
        name="venue.address"
        rows={3}
        maxLength={300}
        hint="Optional. People look for the way with it."
      />
      <PlainInput
        form={form}
        name="venue.country"
        maxLength={2}
        autoCapitalize="characters"
        hint="Optional. Its two letters, such as GB."
      />
    </Section>
  );
}
