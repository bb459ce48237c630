'use client';

import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';
import { useRouter } from 'next/navigation';
import { Only } from '../finding/only.tsx';
import { PriceFields } from '../finding/price-fields.tsx';
import { priceIn, wrongPrices } from '../finding/prices.ts';
import { Searching } from '../finding/searching.tsx';
import { decimalOf } from '../ui/amount.ts';
import { Field, textsOf } from '../ui/field.tsx';
import { ownZone } from '../ui/format.ts';
import { CATEGORIES, type Category } from './categories.ts';
import styles from './events.module.css';
import { addressOf, asksForDays, PRICES, type Search, type Wanted, wrongDays } from './query.ts';

/** What to look for of what is on; `cities` are some that there are. */
export function SearchForm({ search, cities }: { search: Search; cities: readonly string[] }): ReactNode {
  const { currency } = search;
  const [wrong, setWrong] = useState(() => wrongOf(search));
  useOwnDays(search);

  const typed = (form: HTMLFormElement) => {
    const texts = textsOf(form);
    const { q = '', city = '', from = '', to = '', least = '', most = '' } = texts;
    const decimal = decimalOf(navigator.language);
    setWrong({
      ...wrongDays({ from, to }),
      ...wrongPrices({ min: least.trim(), max: most.trim(), currency }, decimal),
    });
    return addressOf({
      q: q.trim(),
      city: city.trim(),
      category: texts['category'] as Category | '',
      from,
      to,
      weekend: texts['weekend'] === '1',
      free: texts['free'] === '1',
      min: priceIn(least, currency, decimal),
      max: priceIn(most, currency, decimal),
      currency,
      zone: ownZone(),
    });
  };

  return (
    <Searching
      action="/"
      address={addressOf(search)}
      typed={typed}
      onBack={() => setWrong(wrongOf(search))}
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
      <Field
        label="City"
        name="city"
        maxLength={100}
        placeholder="Any"
        list="cities"
        defaultValue={search.city}
      />
      <datalist id="cities">
        {cities.map((city) => (
          <option key={city} value={city} />
        ))}
      </datalist>
      <Field label="Kind" name="category" defaultValue={search.category}>
        <option value="">Any</option>
        {Object.entries(CATEGORIES).map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </Field>
      <Only name="weekend" label="This weekend" checked={search.weekend} />
      <Only name="free" label="Free" checked={search.free} />
      <details className={styles['more']} open={isOpen(search)}>
        <summary>Days and prices</summary>
        <div className={styles['fields']}>
          <Field
            label="From"
            name="from"
            type="date"
            defaultValue={search.from}
            error={wrong.from && `From ${wrong.from}`}
          />
          <Field
            label="To"
            name="to"
            type="date"
            defaultValue={search.to}
            error={wrong.to && `To ${wrong.to}`}
          />
          <PriceFields prices={search} names={PRICES} wrong={wrong} />
        </div>
      </details>
    </Searching>
  );
}

const wrongOf = (search: Wanted) => ({ ...wrongDays(search), ...wrongPrices(search) });

const isOpen = ({ from, to, min, max }: Wanted) => Boolean(from || to || min || max);

/** Days are the visitor's own: those of the server, or of who sent a link, are exchanged for them. */
function useOwnDays(search: Search): void {
  const router = useRouter();
  const foreign = asksForDays(search) ? search.zone : undefined;
  const exchange = useEffectEvent(() =>
    router.replace(addressOf({ ...search, zone: ownZone() }), { scroll: false }),
  );
  useEffect(() => {
    if (foreign !== undefined && foreign !== ownZone()) exchange();
  }, [foreign]);
}
