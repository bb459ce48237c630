'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useRef, useState, useTransition } from 'react';
import { type Decimal, decimalOf, plainAmount, readAmount, shownAmount } from '../ui/amount.ts';
import { AmountField } from '../ui/amount-field.tsx';
import { Field, textsOf } from '../ui/field.tsx';
import ui from '../ui/ui.module.css';
import styles from './market.module.css';
import { type Search, SORTS, wrongPrices } from './query.ts';

/** After so long without a key, in milliseconds, the search begins. */
const PAUSE = 300;

/** What to look for. It searches while one types; and without scripts it is a form. */
export function SearchForm({ search }: { search: Search }): ReactNode {
  const router = useRouter();
  const [pending, start] = useTransition();
  const form = useRef<HTMLFormElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef(addressOf(search));
  const [wrong, setWrong] = useState(() => wrongPrices(search));

  useEffect(() => () => clearTimeout(timer.current), []);

  // The visitor went back to another search: the form shows it.
  useEffect(() => {
    if (!form.current || addressOf(search) === asked.current) return;
    asked.current = addressOf(search);
    form.current.reset();
    setWrong(wrongPrices(search));
  }, [search]);

  const look = () => {
    clearTimeout(timer.current);
    if (!form.current) return;
    const { q = '', min = '', max = '', sort, available } = textsOf(form.current);
    const decimal = decimalOf(navigator.language);
    setWrong(wrongPrices({ min: min.trim(), max: max.trim(), currency: search.currency }, decimal));
    const address = addressOf({
      q: q.trim(),
      min: priceIn(min, search.currency, decimal),
      max: priceIn(max, search.currency, decimal),
      currency: search.currency,
      sort: sort as Search['sort'],
      available: available === '1',
    });
    if (address === asked.current) return;
    asked.current = address;
    start(() => router.replace(address, { scroll: false }));
  };

  /** Not while an input method composes: half a syllable is no word. */
  const soon = (composing = false) => {
    clearTimeout(timer.current);
    if (!composing) timer.current = setTimeout(look, PAUSE);
  };

  return (
    <form
      ref={form}
      role="search"
      action="/"
      className={styles['search']}
      aria-busy={pending}
      onSubmit={(event) => {
        event.preventDefault();
        look();
      }}
      onInput={({ nativeEvent }) => soon((nativeEvent as InputEvent).isComposing)}
      onCompositionEnd={() => soon()}
    >
      <Field
        label="Search"
        name="q"
        type="search"
        maxLength={100}
        placeholder="Artist, team, place"
        defaultValue={search.q}
      />
      <AmountField
        label="Price from"
        currency={search.currency}
        name="min"
        placeholder="0"
        defaultValue={shownAmount(search.min, search.currency)}
        error={wrong.min && `Price from ${wrong.min}`}
      />
      <AmountField
        label="Price to"
        currency={search.currency}
        name="max"
        placeholder="Any"
        defaultValue={shownAmount(search.max, search.currency)}
        error={wrong.max && `Price to ${wrong.max}`}
      />
      <div className={ui['field']}>
        <label htmlFor="sort">Order</label>
        <select id="sort" name="sort" className={ui['input']} defaultValue={search.sort}>
          {Object.entries(SORTS).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <label className={styles['only']}>
        <input type="checkbox" name="available" value="1" defaultChecked={search.available} />
        Available only
      </label>
      <noscript>
        <button className={ui['button']}>Search</button>
      </noscript>
    </form>
  );
}

/** A price for the address, which everybody reads the same; nothing as long as it is not clear. */
const priceIn = (text: string, currency: string, decimal: Decimal) => {
  const read = readAmount(text, currency, decimal);
  return read?.sure ? plainAmount(read.amount, currency).replace(/\.0+$/, '') : '';
};

function addressOf({ q, min, max, sort, available }: Search): string {
  const query = new URLSearchParams({
    ...(q && { q }),
    ...(min && { min }),
    ...(max && { max }),
    ...(sort !== 'newest' && { sort }),
    ...(available && { available: '1' }),
  });
  return query.size === 0 ? '/' : `/?${query}`;
}
