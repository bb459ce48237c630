import type { Limit } from '@ticketing/common/budget';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Clock } from '@ticketing/common/runtime';

export type Limits = Record<
  | 'signInByAddress'
  | 'signInByNetwork'
  | 'signInByAccountAndAddress'
  | 'signInByAccount'
  | 'signInByDevice'
  | 'signUpByAddress'
  | 'signUpByNetwork'
  | 'signUpsMade'
  | 'profileByAccount',
  Limit
>;

/** Where a try comes from: an address, and with IPv6 the larger network that one customer may have. */
export interface Place {
  address: string;
  network: string | undefined;
}

interface Settings {
  limits: Limits;
  clock: Pick<Clock, 'sleep'>;
  /** How long a try of a busy address is held at most, in milliseconds. */
  longest: number;
}

/** So many tries are held at a time, a few for each address: each holds a place of those who sign in at once. */
const HELD = 16;
const HELD_PER_ADDRESS = 4;

type Spent = readonly (readonly [limit: Limit, key: string])[];

/** What bounds guessing (rate limits), and punishes those as little as can be who know their password. */
export const tries = ({ limits, clock, longest }: Settings) => {
  const held = new Map<string, number>();
  let all = 0;

  /** Holds a try for a part of the longest time; refuses it when too many are held already. */
  const slow = async (address: string, part: number): Promise<Rejection | undefined> => {
    const ms = Math.round(longest * Math.min(1, part));
    if (ms <= 0) return undefined;
    const mine = held.get(address) ?? 0;
    if (all >= HELD || mine >= HELD_PER_ADDRESS)
      return reject('too-many', 'Too many tries at once; wait a while', { retryAfter: ms / 1000 });
    all += 1;
    held.set(address, mine + 1);
    await clock.sleep(ms);
    all -= 1;
    const left = (held.get(address) ?? 1) - 1;
    if (left === 0) held.delete(address);
    else held.set(address, left);
    return undefined;
  };

  const giveBack = (spent: Spent) => Promise.all(spent.map(([limit, key]) => limit.giveBack(key)));

  return {
    /** Before an account is changed, of which every ticket tells. */
    profile: (userId: string) => limits.profileByAccount.take(userId),

    /**
     * A try to sign in: refused, or what to do once it is right. A device that has been signed in to the account spends its own
     * budget, which nobody else can. Any other spends those of where it comes from and of the account, from wherever; the
     * second half of an address' budget is slow. What is refused by one budget does not count against the others.
     */
    async signIn(
      email: string,
      { address, network }: Place,
      device: string | undefined,
    ): Promise<Rejection | (() => Promise<unknown>)> {
      if (device !== undefined && !isRejection(await limits.signInByDevice.take(device)))
        return () => limits.signInByDevice.forgive(device);
      const there = `${email} ${address}`;
      const spent: (readonly [Limit, string])[] = [];
      let busiest = 0;
      const places = [
        [limits.signInByAddress, address],
        ...(network === undefined ? [] : [[limits.signInByNetwork, network] as const]),
      ] as const;
      for (const [limit, key] of [
        ...places,
        [limits.signInByAccountAndAddress, there],
        [limits.signInByAccount, email],
      ] as const) {
        const used = await limit.take(key);
        if (isRejection(used)) {
          await giveBack(spent);
          return used;
        }
        spent.push([limit, key]);
        if (spent.length <= places.length) busiest = Math.max(busiest, used);
      }
      const refused = await slow(address, busiest * 2 - 1);
      if (refused) {
        await giveBack(spent);
        return refused;
      }
      return async () => {
        await giveBack(spent);
        await limits.signInByAccountAndAddress.forgive(there);
      };
    },

    /** A try to sign up: refused when many were for addresses that are taken, held when many accounts were made there. */
    async signUp({
      address,
      network,
    }: Place): Promise<Rejection | { made(): Promise<unknown>; taken(): Promise<unknown> }> {
      const wider = network ?? address;
      const places = [
        [limits.signUpByAddress, address],
        [limits.signUpByNetwork, wider],
      ] as const;
      for (const [limit, key] of places) {
        const used = await limit.look(key);
        if (isRejection(used)) return used;
      }
      const made = await limits.signUpsMade.look(wider);
      const refused = await slow(address, isRejection(made) ? 1 : made * 2 - 1);
      if (refused) return refused;
      return {
        made: () => limits.signUpsMade.take(wider),
        taken: () => Promise.all(places.map(([limit, key]) => limit.take(key))),
      };
    },
  };
};

export type Tries = ReturnType<typeof tries>;
