import type { Changes } from '@ticketing/common/record';
import { searchKeys } from '@ticketing/common/search';
import { reject, type Rejection } from '@ticketing/common/rejection';
import type { Admission, KnownEvent } from './record.ts';

export const NOT_YOURS = reject('not-found', 'There is no such ticket of yours');

/** What its holder may do is one write that only a valid one allows: so it and an entry exclude each other. */
const refusal = (userId: string, admission: Admission): Rejection | undefined => {
  if (admission.holderId !== userId) return NOT_YOURS;
  switch (admission.status) {
    case 'valid':
      return undefined;
    case 'listed':
      return reject('conflict', 'This ticket is for sale: take it back first');
    case 'entered':
    case 'out':
      return reject('conflict', 'This ticket was used to enter');
    case 'returned':
      return reject('conflict', 'This ticket was given back');
    case 'revoked':
      return reject('conflict', 'This ticket is not valid any more');
  }
};

const over = ({ status, endsAt }: KnownEvent, now: Date): Rejection | undefined => {
  if (status === 'cancelled')
    return reject('conflict', 'The event is cancelled: the money goes back by itself');
  return endsAt <= now ? reject('conflict', 'The event is over') : undefined;
};

/** What its holder gets who gives it back now: undefined where that is not, or no longer, to be had. */
export interface Refundable {
  /** In minor units. */
  back: number;
  until: Date;
}

/**
 * Soon after the sale all of it, as with whatever is sold here; else by the event's policy, less its fee. The fee of a part of
 * the smallest unit is the holder's.
 */
export function refundable(
  { price, soldAt }: Pick<Admission, 'price' | 'soldAt'>,
  { returns, startsAt }: Pick<KnownEvent, 'returns' | 'startsAt'>,
  now: Date,
  regretSeconds: number,
): Refundable | undefined {
  const regret = new Date(Math.min(soldAt.getTime() + regretSeconds * 1000, startsAt.getTime()));
  if (now < regret) return { back: price, until: regret };
  if (!returns || now >= returns.until) return undefined;
  return { back: price - Math.floor((price * returns.feePercent) / 100), until: returns.until };
}

/** The holder gives it back for what he saw that he gets. */
export const giveBack =
  (userId: string, event: KnownEvent, seen: number, now: Date, regretSeconds: number) =>
  (admission: Admission): Changes<Admission> | Rejection => {
    if (admission.holderId === userId && admission.status === 'returned') return {};
    const refused = refusal(userId, admission) ?? over(event, now);
    if (refused) return refused;
    const offer = refundable(admission, event, now, regretSeconds);
    if (!offer) return reject('conflict', 'Tickets of this event cannot be given back, or not any more');
    if (offer.back !== seen)
      return reject('conflict', 'What goes back has changed', {
        errors: [{ field: 'back', message: `is now ${offer.back}, not ${seen}` }],
      });
    return { status: 'returned', back: offer.back, claim: undefined };
  };

/** Who will come, until the event begins. */
export const nameOf =
  (userId: string, event: KnownEvent, name: string | undefined, now: Date) =>
  (admission: Admission): Changes<Admission> | Rejection => {
    const refused = refusal(userId, admission) ?? over(event, now);
    if (refused) return refused;
    if (event.startsAt <= now) return reject('conflict', 'The event has begun: names stay as they are');
    if (admission.name === name) return {};
    return { name, words: name === undefined ? undefined : searchKeys({ title: name }) };
  };

/** Opens a way to hand it on, in place of one that is open. */
export const offer =
  (userId: string, event: KnownEvent, hash: string, now: Date) =>
  (admission: Admission): Changes<Admission> | Rejection =>
    refusal(userId, admission) ?? over(event, now) ?? { claim: { hash, at: now } };

export const withdrawOffer =
  (userId: string) =>
  (admission: Admission): Changes<Admission> | Rejection => {
    if (admission.holderId !== userId) return NOT_YOURS;
    return admission.claim ? { claim: undefined } : {};
  };

export const NO_CLAIM = reject('not-found', 'This link is not good, or not any more: ask for another');

/** Whoever comes with the link becomes the holder; the code of before is dead. */
export const claim =
  (userId: string, event: KnownEvent, hash: string, now: Date) =>
  (admission: Admission): Changes<Admission> | Rejection => {
    if (admission.claim?.hash !== hash) return NO_CLAIM;
    if (admission.status !== 'valid') return NO_CLAIM;
    if (admission.holderId === userId) return reject('conflict', 'This ticket is yours already');
    const refused = over(event, now);
    if (refused) return refused;
    return {
      holderId: userId,
      formerId: admission.holderId,
      generation: admission.generation + 1,
      name: undefined,
      words: undefined,
      claim: undefined,
    };
  };

/** Another code, and the one of before is dead: for the holder whose code is about, and for the team. */
export const reissue =
  (userId: string, isTeam: boolean) =>
  (admission: Admission): Changes<Admission> | Rejection => {
    if (!isTeam && admission.holderId !== userId) return NOT_YOURS;
    switch (admission.status) {
      case 'valid':
      case 'entered':
      case 'out':
        return { generation: admission.generation + 1 };
      case 'listed':
      case 'returned':
      case 'revoked':
        return reject('conflict', 'This ticket has no code');
    }
  };

/** The team lets nobody in with it any more, and says why. */
export const block =
  (note: string) =>
  (admission: Admission): Changes<Admission> | Rejection => {
    switch (admission.status) {
      case 'valid':
      case 'out':
        return { status: 'revoked', reason: 'blocked', note, claim: undefined };
      case 'revoked':
        return admission.reason === 'blocked' ? { note } : reject('conflict', 'It is not valid already');
      case 'entered':
        return reject('conflict', 'Who has it is inside already');
      case 'listed':
      case 'returned':
        return reject('conflict', 'It is not valid already');
    }
  };

export const unblock = (admission: Admission): Changes<Admission> | Rejection =>
  admission.status === 'revoked' && admission.reason === 'blocked'
    ? { status: 'valid', reason: undefined, note: undefined, generation: admission.generation + 1 }
    : reject('conflict', 'It is not blocked');
