import type { ReactNode } from 'react';
import { ask } from '../api/server.ts';
import type { EventSummary } from '../api/types.ts';
import { config } from '../config.ts';
import { listPath, readSearch } from '../events/query.ts';
import { SearchForm } from '../events/search-form.tsx';
import { WhatsOn } from '../events/whats-on.tsx';
import styles from '../finding/finding.module.css';
import { Found } from '../finding/found.tsx';
import { fromCursor, moreOf, type Params } from '../finding/params.ts';
import { visitor } from '../session/visitor.ts';
import { Page } from '../ui/parts.tsx';

/** How many events the server sends. */
const FIRST = 24;
/** How the address of a browser without scripts has the cursor: `cursor` has always been the market's. */
const AFTER = 'after';

export default async function WhatsOnPage({
  searchParams,
}: {
  searchParams: Promise<Params>;
}): Promise<ReactNode> {
  const params = await searchParams;
  const search = await wanted(params);
  const path = fromCursor(listPath(search, FIRST), params, AFTER);
  const answer = await ask<EventSummary[]>(path);
  const cities = new Set(answer.ok ? answer.body.map(({ venue }) => venue.city) : []);
  return (
    <Page>
      <div className={styles['hero']}>
        <h1>What’s on</h1>
        <p>Choose your places, pay in peace, and nobody else can hold them.</p>
      </div>
      <SearchForm search={search} cities={[...cities]} />
      <h2 className="hidden">Events</h2>
      <Found answer={answer} called="What’s on">
        {(first, at) => (
          <WhatsOn
            key={path}
            search={search}
            first={first}
            more={moreOf('/', params, first.next, AFTER)}
            at={at}
          />
        )}
      </Found>
    </Page>
  );
}

/** As long as a browser has not said in which zone somebody's days are, they are those of the account. */
const wanted = async (params: Params) =>
  readSearch(params, {
    currency: config().CURRENCY,
    zone: (await visitor())?.zone,
    now: Date.now(),
  });
