'use client';

import { type ReactNode, useMemo } from 'react';
import type { Ticket } from '../api/types.ts';
import { Endless } from '../finding/endless.tsx';
import type { Listing } from '../finding/listing.ts';
import { hasLoneLetter } from '../finding/params.ts';
import { usePerson } from '../session/keeper.tsx';
import { LinkButton } from '../ui/button.tsx';
import { Empty } from '../ui/parts.tsx';
import { Card } from './card.tsx';
import { rulesOf } from './list.ts';
import { listPath, type Search } from './query.ts';

/** The tickets that a search found. */
export function Market({
  search,
  first,
  more,
}: {
  search: Search;
  first: Listing<Ticket>;
  more: string | undefined;
}): ReactNode {
  const person = usePerson();
  const rules = useMemo(() => rulesOf(search), [search]);
  return (
    <Endless
      first={first}
      path={(limit) => listPath(search, limit)}
      stream="/api/tickets/stream"
      rules={rules}
      called={['ticket', 'tickets']}
      card={(ticket, place, of) => (
        <Card key={ticket.id} ticket={ticket} mine={ticket.sellerId === person?.id} place={place} of={of} />
      )}
      nothing={<Nothing search={search} />}
      more={more}
    />
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
