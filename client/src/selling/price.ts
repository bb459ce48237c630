import { leastOf } from '@ticketing/common/chargeable';
import { mostOf, stepOf } from '@ticketing/common/currency';
import { type Amount, wrongAmount } from '../ui/amount.ts';
import { money } from '../ui/format.ts';

/** So many times the least that can be charged, and what is usual: beyond it somebody may have typed too much. */
const [A_LOT, TIMES] = [20_000, 100];

/** What is wrong with a price, or to be asked about it once, as what goes on after `The price`. */
export function judgePrice(
  read: Amount | undefined,
  currency: string,
  /** What the seller's other tickets in this currency cost, at most. */
  usual?: number,
): { wrong: string } | { ask: string } | undefined {
  if (!read) return { wrong: wrongAmount(currency) };
  const { amount, sure } = read;
  const say = (some: number) => money(some, currency);
  const [least, most, step] = [leastOf(currency), mostOf(currency), stepOf(currency)];
  if (amount < least) return { wrong: `must be at least ${say(least)}` };
  if (amount > most) return { wrong: `must be at most ${say(most)}` };
  if (amount % step !== 0) return { wrong: `must be a multiple of ${say(step)}` };
  if (!sure) return { ask: `is read as ${say(amount)}` };
  if (usual !== undefined && amount >= usual * TIMES)
    return { ask: `is ${say(amount)}, far more than your ${say(usual)} of before` };
  // Of some currencies Stripe charges next to nothing, so the most counts as well.
  return amount > Math.max(least * A_LOT, most / 100)
    ? { ask: `is ${say(amount)}, which is a lot` }
    : undefined;
}
