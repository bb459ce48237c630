import { useEffect, useState } from 'react';
import { api } from '../api/browser.ts';
import type { EventSummary } from '../api/types.ts';
import type { Left } from './words.ts';

interface Count {
  eventId: string;
  pools: readonly (Left & { poolId: string })[];
}
interface Asking {
  ids: Set<string>;
  counts: Promise<readonly Count[]>;
}

/** As many as the API tells of at a time. */
const MOST = 50;
let asking: Asking | undefined;

/** What is left of an event: all who ask in one turn ask in one request. Of what is not known nothing is said. */
async function countOf(id: string): Promise<Count | undefined> {
  if (!asking || asking.ids.size >= MOST) asking = ask();
  asking.ids.add(id);
  return (await asking.counts).find(({ eventId }) => eventId === id);
}

function ask(): Asking {
  const ids = new Set<string>();
  const counts = new Promise<void>((resolve) => setTimeout(resolve)).then(async () => {
    if (asking?.ids === ids) asking = undefined;
    const answer = await api<Count[]>('GET', `/api/orders/places/counts?eventIds=${[...ids].join(',')}`);
    return answer.ok ? answer.body : [];
  });
  return { ids, counts };
}

type Asked = Pick<EventSummary, 'id' | 'status' | 'tiers'>;

/** What is left of the tiers that everybody sees, asked for anew with every `now`. */
export function useLeft({ id, status, tiers }: Asked, now: number): Left | undefined {
  const [pools, setPools] = useState<Count['pools']>();
  useEffect(() => {
    if (status !== 'published') return undefined;
    let isGone = false;
    void countOf(id).then((count) => {
      if (count && !isGone) setPools(count.pools);
    });
    return () => {
      isGone = true;
    };
  }, [id, status, now]);
  if (!pools) return undefined;
  const shown = pools.filter(({ poolId }) => tiers.some((tier) => tier.poolId === poolId));
  const sum = (of: 'left' | 'of') => shown.reduce((total, pool) => total + pool[of], 0);
  return { left: sum('left'), of: sum('of') };
}
