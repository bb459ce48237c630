import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { ask } from '../../api/server.ts';
import type { Sale, SalesCount } from '../../api/types.ts';
import { config } from '../../config.ts';
import styles from '../../finding/finding.module.css';
import { Found } from '../../finding/found.tsx';
import { fromCursor, moreOf, type Params } from '../../finding/params.ts';
import { Market } from '../../market/market.tsx';
import { countPath, listPath, readSearch } from '../../market/query.ts';
import { SearchForm } from '../../market/search-form.tsx';
import { Page } from '../../ui/parts.tsx';

export const metadata: Metadata = {
  title: 'Market',
  description: 'Tickets from people who cannot go. Reserve yours, pay in peace, and nobody else can hold it.',
};

/** How many sales the server sends. */
const FIRST = 48;

export default async function MarketPage({
  searchParams,
}: {
  searchParams: Promise<Params>;
}): Promise<ReactNode> {
  const params = await searchParams;
  const search = readSearch(params, config().CURRENCY);
  const path = fromCursor(listPath(search, FIRST), params, 'cursor');
  const answer = await ask<Sale[]>(path);
  const found = answer.ok && answer.next !== undefined && (await ask<SalesCount>(countPath(search)));
  return (
    <Page>
      <div className={styles['hero']}>
        <h1>Tickets from people who cannot go</h1>
        <p>Reserve yours, pay in peace, and nobody else can hold it.</p>
      </div>
      <SearchForm search={search} />
      <h2 className="hidden">Tickets</h2>
      <Found answer={answer} called="The market">
        {(first, at) => (
          <Market
            key={path}
            search={search}
            first={first}
            found={found && found.ok && found.body.count > first.items.length ? found.body : undefined}
            at={at}
            more={moreOf('/market', params, first.next, 'cursor')}
          />
        )}
      </Found>
    </Page>
  );
}
