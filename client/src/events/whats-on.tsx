'use client';

import { type ReactNode, useMemo } from 'react';
import { useMinute } from '../api/clock.ts';
import type { EventSummary } from '../api/types.ts';
import { Endless } from '../finding/endless.tsx';
import type { Listing } from '../finding/listing.ts';
import { addressWith, hasLoneLetter } from '../finding/params.ts';
import { LinkButton } from '../ui/button.tsx';
import { Empty } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import { Card } from './card.tsx';
import { useTurn } from './counts.ts';
import styles from './events.module.css';
import { rulesOf } from './list.ts';
import { isEmpty, listPath, type Search } from './query.ts';

/** Cards of the first row, at most. */
const ROW = 4;

/** The events that a search found; `at` is when, in milliseconds. */
export function WhatsOn({
  search,
  first,
  more,
  at,
}: {
  search: Search;
  first: Listing<EventSummary>;
  more: string | undefined;
  at: number;
}): ReactNode {
  const now = useMinute(at);
  const turn = useTurn();
  const rules = useMemo(() => rulesOf(search), [search]);
  return (
    <div className={styles['on']}>
      <Endless
        first={first}
        path={(limit) => listPath(search, limit)}
        stream="/api/events/stream"
        rules={rules}
        called={['event', 'events']}
        card={(event, place, of) => (
          <Card
            key={event.id}
            event={event}
            now={now}
            turn={turn}
            place={place}
            of={of}
            first={place <= ROW}
          />
        )}
        nothing={<Nothing search={search} />}
        more={more}
      />
    </div>
  );
}

const Nothing = ({ search }: { search: Search }): ReactNode =>
  isEmpty(search) ? (
    <Empty title="Nothing is on yet">
      <p>Be the first who puts an event on, or look what people pass on.</p>
      <div className={ui['row']}>
        <LinkButton href="/organize" prefetch={false}>
          Organize an event
        </LinkButton>
        <LinkButton href="/market" quiet>
          To the market
        </LinkButton>
      </div>
    </Empty>
  ) : (
    <Empty title="No event fits">
      <p>
        {hasLoneLetter(search.q)
          ? 'Words are found from their second letter on.'
          : 'Try fewer words, other days, or look what people pass on.'}
      </p>
      <div className={ui['row']}>
        <LinkButton href="/" quiet>
          Show all events
        </LinkButton>
        <LinkButton href={addressWith('/market', { q: search.q })} quiet>
          Search the market
        </LinkButton>
      </div>
    </Empty>
  );
