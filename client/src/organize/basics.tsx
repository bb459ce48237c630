'use client';

import type { ReactNode } from 'react';
import { CATEGORIES } from '../events/categories.ts';
import { type Form, PlainInput } from './input.tsx';
import styles from './organize.module.css';
import { Section } from './section.tsx';

/** What it is, and whose. */
export const Basics = ({ form }: { form: Form }): ReactNode => (
  <Section id="basics" title="Basics">
    <PlainInput form={form} name="title" maxLength={140} />
    <PlainInput form={form} name="category">
      <option value="">Choose one</option>
      {Object.entries(CATEGORIES).map(([name, label]) => (
        <option key={name} value={name}>
          {label}
        </option>
      ))}
    </PlainInput>
    <PlainInput
      form={form}
      name="description"
      rows={8}
      maxLength={10_000}
      hint="Optional. **bold**, *italic*, # heading, - list, [a link](https://example.com). The preview shows it."
    />
    <div className={styles['pair']}>
      <PlainInput form={form} name="organizer.name" maxLength={100} hint="Who people buy from." />
      <PlainInput
        form={form}
        name="organizer.taxNumber"
        maxLength={40}
        hint="Optional. It stands on receipts."
      />
    </div>
    <PlainInput form={form} name="organizer.address" rows={3} maxLength={300} hint="Optional." />
  </Section>
);
