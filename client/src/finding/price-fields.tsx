'use client';

import type { ReactNode } from 'react';
import { shownAmount } from '../ui/amount.ts';
import { AmountField } from '../ui/amount-field.tsx';
import type { Prices, wrongPrices } from './prices.ts';

/** Between which prices to look; `names` are those that the address has for them. */
export const PriceFields = ({
  prices: { min, max, currency },
  names: [least, most],
  wrong,
}: {
  prices: Prices;
  names: readonly [string, string];
  wrong: ReturnType<typeof wrongPrices>;
}): ReactNode => (
  <>
    <AmountField
      label="Price from"
      currency={currency}
      name={least}
      placeholder="0"
      defaultValue={shownAmount(min, currency)}
      error={wrong.min && `Price from ${wrong.min}`}
    />
    <AmountField
      label="Price to"
      currency={currency}
      name={most}
      placeholder="Any"
      defaultValue={shownAmount(max, currency)}
      error={wrong.max && `Price to ${wrong.max}`}
    />
  </>
);
