'use client';

import { type ReactNode, useMemo } from 'react';
import { useMinute } from '../api/clock.ts';
import type { Sale, SalesCount, Ticket } from '../api/types.ts';
import { Endless } from '../finding/endless.tsx';
import type { Listing } from '../finding/listing.ts';
import { hasLoneLetter } from '../finding/params.ts';
import { usePerson } from '../session/keeper.tsx';
import { LinkButton } from '../ui/button.tsx';
import { Empty } from '../ui/parts.tsx';
import { Card } from './card.tsx';
import { isOver, rulesOf } from './list.ts';
import styles from './market.module.css';
import { listPath, onlyPath, type Search } from './query.ts';
import { foundText } from './words.ts';

/** What a search found, and how many in all where there are more; `at` is when, in milliseconds. */
export function Market({
  search,
  first,
  found,
  more,
  at,
}: {
  search: Search;
  first: Listing<Sale>;
  found: SalesCount | undefined;
  more: string | undefined;
  at: number;
}): ReactNode {
  const person = usePerson();
  const now = useMinute(at);
  const rules = useMemo(() => rulesOf(search), [search]);
  return (
    <div className={styles['market']}>
      <Endless<Sale, Ticket>
        first={first}
        path={(limit) => listPath(search, limit)}
        stream="/api/tickets/stream"
        rules={rules}
        only={(ids) => onlyPath(search, ids)}
        called={['offer', 'offers']}
        card={(sale, place, count) => (
          <Card
            key={sale.id}
            sale={sale}
            mine={sale.ticket.sellerId === person?.id}
            over={isOver(sale.ticket, now)}
            place={place}
            count={count}
          />
        )}
        nothing={<Nothing search={search} />}
        found={found && foundText(found)}
        more={more}
      />
    </div>
  );
}

const Nothing = ({ search: { q, min, max, available } }: { search: Search }): ReactNode =>
  q || min || max || available ? (
    <Empty title="No ticket fits">
      <p>
        {hasLoneLetter(q)
          ? 'Words are found from their second letter on.'
          : 'Try fewer words, or another price.'}
      </p>
      <LinkButton href="/market" quiet>
        Show all tickets
      </LinkButton>
    </Empty>
  ) : (
    <Empty title="No tickets yet">
      <p>Be the first who puts one on sale.</p>
      <LinkButton href="/sell">Sell a ticket</LinkButton>
    </Empty>
  );
