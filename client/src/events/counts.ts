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
async function countsOf(id: string): Promise<Count | undefined> {
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

/** What is left of the tiers that everybody sees; of an event that has none nothing is known. */
export function leftOf(
  pools: Count['pools'],
  tiers: readonly Pick<EventSummary['tiers'][number], 'poolId'>[],
): Left | undefined {
  const shown = pools.filter(({ poolId }) => tiers.some((tier) => tier.poolId === poolId));
  const sum = (of: 'left' | 'of') => shown.reduce((total, pool) => total + pool[of], 0);
  return shown.length > 0 ? { left: sum('left'), of: sum('of') } : undefined;
}

/** Another about every minute that the page is seen, and none before it is. */
export function useTurn(): number | undefined {
  const [turn, setTurn] = useState<number>();
  useEffect(() => {
    const began = Date.now();
    // Not all pages at the same moment, that were opened at the same moment.
    const every = 40_000 * (1 + Math.random());
    const look = () => document.hidden || setTurn(Math.floor((Date.now() - began) / every));
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, []);
  return turn;
}

/** What is left of an event, asked for anew with every `turn`. */
export function useLeft({ id, status, tiers }: Asked, turn: number | undefined): Left | undefined {
  const [pools, setPools] = useState<Count['pools']>();
  useEffect(() => {
    if (status !== 'published' || turn === undefined) return undefined;
    let isGone = false;
    void countsOf(id).then((count) => {
      if (count && !isGone) setPools(count.pools);
    });
    return () => {
      isGone = true;
    };
  }, [id, status, turn]);
  return pools && leftOf(pools, tiers);
}
