import type { Clock } from '@ticketing/common/runtime';

/** For how long after `payments` last told that there is hardly room that counts, in milliseconds. */
const LASTING = 2000;
/** New reservations for each payment that ended: a few less than it has room for, so that who waits gets a turn. */
const WHILE_TOLD = 7 / 8;
/** The same when `payments` no longer tells so: from there it is found again what it can, at twice as much a time. */
const AFTER = 2;
/** However little is paid: this part of what was paid before, as some of who reserves never pays, and somebody may feign. */
const AT_LEAST = 0.5;
/** Over so long it is counted what is paid, in milliseconds. */
const COUNTED = 10_000;
/** Nobody saves up more than that. */
const SAVED = 100;
/** An end that is older is told once more, in milliseconds; clocks may be seconds apart. */
const FRESH = 10_000;

/** How many reservations may be made. */
export interface Credit {
  /** A payment has ended so, and `payments` told with it whether there is hardly room for payers. */
  ended(at: Date, congested: boolean): void;
  /** Whether one may be made now. */
  take(): boolean;
  /** None was made. */
  giveBack(): void;
}

/**
 * While payers wait long for a place at `payments`, a reservation more is one more who waits: no more are made than payments
 * end (self-clocking: V. Jacobson, "Congestion Avoidance and Control", SIGCOMM 1988). Otherwise there is no bound: who reserves
 * has the whole hold to pay.
 */
export function credit(clock: Clock): Credit {
  /** Payments that ended in a millisecond of late, and when that was counted. */
  let rate = 0;
  let counted = 0;
  let told = -Infinity;
  /** Since the bound began: when that was, what ended and may be made at least, what was made. */
  let [began, ends, least, made] = [0, 0, 0, 0];

  const now = () => clock.now().getTime();
  const isBounded = () => now() >= told && now() < told + LASTING;
  const allowed = () => Math.max(ends, least * (now() - began));
  return {
    ended(at, congested) {
      if (Math.abs(now() - at.getTime()) > FRESH) return;
      rate *= Math.exp(-Math.max(0, now() - counted) / COUNTED);
      counted = now();
      if (!isBounded()) [began, ends, least, made] = [now(), 0, rate * AT_LEAST, 0];
      rate += 1 / COUNTED;
      if (congested) told = now();
      ends += congested ? WHILE_TOLD : AFTER;
    },
    take() {
      if (!isBounded()) return true;
      made = Math.max(made, allowed() - SAVED);
      if (made + 1 > allowed()) return false;
      made += 1;
      return true;
    },
    giveBack() {
      made = Math.max(0, made - 1);
    },
  };
}
