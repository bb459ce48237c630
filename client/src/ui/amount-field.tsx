'use client';

import type { ReactNode } from 'react';
import { decimalOf, shownAmount } from './amount.ts';
import { Field, type FieldProps } from './field.tsx';

/** A field for an amount, which is shown as it was understood when one leaves it. */
export const AmountField = ({
  currency,
  ...props
}: Omit<FieldProps, 'inputMode' | 'onBlur'> & { currency: string }): ReactNode => (
  <Field
    {...props}
    inputMode="decimal"
    onBlur={({ currentTarget: input }) => {
      const shown = shownAmount(input.value, currency, decimalOf(navigator.language));
      if (shown === input.value) return;
      input.value = shown;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }}
  />
);
