'use client';

import { type ReactNode, useState } from 'react';
import styles from '../finding/finding.module.css';
import { Only } from '../finding/only.tsx';
import { PriceFields } from '../finding/price-fields.tsx';
import { priceIn, wrongPrices } from '../finding/prices.ts';
import { Searching } from '../finding/searching.tsx';
import { decimalOf } from '../ui/amount.ts';
import { Field, textsOf } from '../ui/field.tsx';
import { addressOf, type Search, SORTS } from './query.ts';

/** What to look for in the market. */
export function SearchForm({ search }: { search: Search }): ReactNode {
  const { currency } = search;
  const [wrong, setWrong] = useState(() => wrongPrices(search));

  const typed = (form: HTMLFormElement) => {
    const { q = '', min = '', max = '', sort, available } = textsOf(form);
    const decimal = decimalOf(navigator.language);
    setWrong(wrongPrices({ min: min.trim(), max: max.trim(), currency }, decimal));
    return addressOf({
      q: q.trim(),
      min: priceIn(min, currency, decimal),
      max: priceIn(max, currency, decimal),
      currency,
      sort: sort as Search['sort'],
      available: available === '1',
    });
  };

  return (
    <Searching
      action="/market"
      address={addressOf(search)}
      typed={typed}
      onBack={() => setWrong(wrongPrices(search))}
      className={styles['search']}
    >
      <Field
        label="Search"
        name="q"
        type="search"
        maxLength={100}
        placeholder="Artist, team, place"
        defaultValue={search.q}
      />
      <PriceFields prices={search} names={['min', 'max']} wrong={wrong} />
      <Field label="Order" name="sort" defaultValue={search.sort}>
        {Object.entries(SORTS).map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </Field>
      <Only name="available" label="Available only" checked={search.available} />
    </Searching>
  );
}
