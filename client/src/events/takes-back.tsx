import type { ReactNode } from 'react';
import type { EventView } from '../api/types.ts';
import { Time } from '../ui/time.tsx';

interface Props {
  returns: Pick<NonNullable<EventView['returns']>, 'until'> | undefined;
  zone: string;
}

/** Until when who holds places of a postponed event may give them back. */
export const TakesBack = ({ returns, zone }: Props): ReactNode =>
  returns && (
    <p>
      The organizer takes places back until <Time at={returns.until} zone={zone} />.
    </p>
  );
