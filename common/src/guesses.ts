import type { z } from 'zod';
import { limit, limitModel, RateLimit, unlimited } from './budget.ts';
import { integer } from './config.ts';
import type { Metrics } from './metrics.ts';
import { networkOf, siteOf } from './http/admission.ts';
import { isRejection, type Rejection } from './rejection.ts';
import { remember } from './remember.ts';
import type { Ports } from './service.ts';

/** Of who takes organizers' codes: how many wrong ones in a window, of an account and of an address. */
export const GuessSettings = {
  ...RateLimit,
  CODE_TRIES_WINDOW_SECONDS: integer(60, 86_400).default(900),
  CODE_TRIES_PER_USER: integer(1, 1000).default(20),
  CODE_TRIES_PER_ADDRESS: integer(1, 10_000).default(100),
};
type Settings = z.output<z.ZodObject<typeof GuessSettings>>;

/** Who says a code; `address` is where from. */
export interface Guesser {
  userId?: string | undefined;
  address: string | undefined;
}

/** An IPv6 /48, which one customer may have, is as so many addresses. */
const NETWORKS = 4;
/** So many who guessed are remembered at a time. */
const REMEMBERED = 10_000;

/**
 * Bounds guessing at codes: who said a wrong one lately spends the budgets of their account and address, and gets a refusal
 * once one is spent, for a right one too. Who never did is believed without a look, so that an honest crowd costs nothing.
 */
export function guesses(config: Settings, db: Ports['db'], metrics: Pick<Metrics, 'count'>) {
  db.store(limitModel);
  const { connection } = db;
  const open = (name: string, points: number) =>
    config.RATE_LIMIT === 'off' || !connection
      ? unlimited
      : limit(connection, name, points, config.CODE_TRIES_WINDOW_SECONDS);
  const byUser = open('code-user', config.CODE_TRIES_PER_USER);
  const byAddress = open('code-address', config.CODE_TRIES_PER_ADDRESS);
  const bySite = open('code-site', NETWORKS * config.CODE_TRIES_PER_ADDRESS);
  const guessed = new Map<string, true>();

  return {
    async judge({ userId, address = 'unknown' }: Guesser, isRight: boolean): Promise<Rejection | undefined> {
      const network = networkOf(address);
      const site = siteOf(address);
      const who = userId ?? network;
      if (isRight && !guessed.has(who)) return undefined;
      remember(guessed, who, true, REMEMBERED);
      const budgets = [
        ...(userId === undefined ? [] : [['user', byUser, userId] as const]),
        ['address', byAddress, network] as const,
        ...(site === undefined ? [] : [['site', bySite, site] as const]),
      ];
      const spent: (typeof budgets)[number][] = [];
      const giveBack = () => Promise.all(spent.map(([, budget, key]) => budget.giveBack(key)));
      for (const one of budgets) {
        const [by, budget, key] = one;
        const used = await budget.take(key);
        if (isRejection(used)) {
          await giveBack();
          metrics.count('code_guesses_refused_total', { by });
          return used;
        }
        spent.push(one);
      }
      if (isRight) await giveBack();
      return undefined;
    },
  };
}
export type Guesses = ReturnType<typeof guesses>;
