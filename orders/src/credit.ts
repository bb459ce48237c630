import type { Clock } from '@ticketing/common/runtime';

/** For how long after `payments` last told that it turns payers away that counts, in milliseconds. */
const LASTING = 2000;
/** New reservations for each payment that ended: a few less than it has room for, so that who was turned away gets a turn. */
const WHILE_TOLD = 0.9;
/** The same when `payments` no longer tells so: from there it is found again what it can, at twice as much a time. */
const AFTER = 2;
/** Nobody saves up more than that. */
const MOST = 100;

/** How many reservations may be made. */
export interface Credit {
  /** A payment has ended, and `payments` told with it whether it turns payers away. */
  ended(congested: boolean): void;
  /** Whether one may be made now. */
  left(): boolean;
  spend(): void;
}

/**
 * While `payments` turns payers away, a reservation more is one more to be turned away: no more are made than payments end
 * (self-clocking: V. Jacobson, "Congestion Avoidance and Control", SIGCOMM 1988). Otherwise there is no bound: who reserves has
 * the whole hold to pay.
 */
export function credit(clock: Clock): Credit {
  let until = 0;
  let balance = 0;
  const bounded = () => clock.now().getTime() < until;
  return {
    ended(congested) {
      if (!bounded()) balance = 0;
      if (congested) until = clock.now().getTime() + LASTING;
      balance = Math.min(MOST, balance + (congested ? WHILE_TOLD : AFTER));
    },
    left: () => !bounded() || balance >= 1,
    spend() {
      balance -= 1;
    },
  };
}
