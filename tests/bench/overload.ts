import { setTimeout as delay } from 'node:timers/promises';
import type { Shape } from '../suite.ts';
import { arrivals, noPurchases, openShop, pool, purchase, type Purchases, type Shop } from './shop.ts';

/** Purchases that arrive in a second: of the first step, and by how much each step raises them. */
const FIRST = 10;
const GROWTH = 1.4;
/** Of what it can, and of three times as much, in turns, so that what else the machine does hits both. */
const ROUNDS = 3;

export interface Step extends Purchases {
  /** Purchases per second that arrived, and that were completed meanwhile. */
  offered: number;
  completed: number;
}

export interface Overload {
  shape: Shape;
  rising: Step[];
  rounds: { sustained: Step; over: Step }[];
}

export const peakOf = (steps: readonly Step[]): number =>
  Math.max(...steps.map(({ completed }) => completed));

/** Raises the load until the suite does not follow, then puts what it sustained and three times as much on it, in turns. */
export async function overload(
  shape: Shape,
  seconds: number,
  say: (what: string, step: Step) => void,
): Promise<Overload> {
  const shop = await openShop(shape);
  try {
    await step(shop, FIRST, seconds);
    const rising: Step[] = [];
    for (let offered = FIRST; rising.length === 0 || offered < 2 * peakOf(rising); offered *= GROWTH) {
      const next = await step(shop, offered, seconds);
      say('rising', next);
      rising.push(next);
    }
    const rounds: Overload['rounds'] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const sustained = await step(shop, peakOf(rising), 2 * seconds);
      say(`round ${round}, what it sustains`, sustained);
      const over = await step(shop, 3 * peakOf(rising), 2 * seconds);
      say(`round ${round}, three times as much`, over);
      rounds.push({ sustained, over });
    }
    return { shape, rising, rounds };
  } finally {
    await shop.close();
  }
}

async function step(shop: Shop, offered: number, seconds: number): Promise<Step> {
  const connections = pool(shop.port);
  const tally = noPurchases();
  const before = await shop.completed();
  const counted = delay(seconds * 1000).then(async () => ((await shop.completed()) - before) / seconds);
  await arrivals(offered, seconds, () => purchase(connections.ask, shop.next(), tally));
  const completed = await counted;
  connections.close();
  await settled(shop);
  return { ...tally, offered, completed };
}

/** Until nothing more is completed. */
async function settled(shop: Shop): Promise<void> {
  for (let before = -1, now = 0; now !== before;) {
    before = now;
    await delay(1000);
    now = await shop.completed();
  }
}
