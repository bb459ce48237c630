import type { ReactNode } from 'react';
import { ask } from '../api/server.ts';
import type { Ticket } from '../api/types.ts';
import { config } from '../config.ts';
import { Market } from '../market/market.tsx';
import { listPath, readSearch } from '../market/query.ts';
import styles from '../market/market.module.css';
import { SearchForm } from '../market/search-form.tsx';
import { Empty, Page } from '../ui/parts.tsx';
import { LinkButton } from '../ui/button.tsx';

type Params = Record<string, string | string[] | undefined>;

/** How many tickets the server sends. */
const FIRST = 48;

export default async function MarketPage({
  searchParams,
}: {
  searchParams: Promise<Params>;
}): Promise<ReactNode> {
  const params = await searchParams;
  const search = readSearch(params, config().CURRENCY);
  const start = listPath(search, FIRST);
  const path =
    typeof params['cursor'] === 'string' ? `${start}&cursor=${encodeURIComponent(params['cursor'])}` : start;
  const answer = await ask<Ticket[]>(path);
  return (
    <Page>
      <div className={styles['hero']}>
        <h1>Tickets from people who cannot go</h1>
        <p>Reserve yours, pay in peace, and nobody else can hold it.</p>
      </div>
      <SearchForm search={search} />
      <h2 className="hidden">Tickets</h2>
      {answer.ok ? (
        <Market
          key={path}
          search={search}
          first={{ tickets: answer.body, next: answer.next }}
          more={moreOf(params, answer.next)}
        />
      ) : (
        <Empty title="The market cannot be shown right now">
          <p>{`${answer.errors[0]?.field === 'q' ? `The search ${answer.errors[0].message}` : answer.detail}.`}</p>
          <LinkButton href="" quiet prefetch={false}>
            Try again
          </LinkButton>
        </Empty>
      )}
    </Page>
  );
}

/** The next page for a browser without scripts: the same address with the cursor of the API's next page. */
function moreOf(params: Params, next: string | undefined): string | undefined {
  const cursor = next && new URLSearchParams(next.split('?')[1]).get('cursor');
  if (!cursor) return undefined;
  const flat = Object.entries(params).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  return `/?${new URLSearchParams([...flat.filter(([name]) => name !== 'cursor'), ['cursor', cursor]] as [string, string][])}`;
}
