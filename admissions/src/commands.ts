import { createHash } from 'node:crypto';
import { linkedId, linkHash, linkToken } from '@ticketing/common/link-token';
import { change, create, type Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import type { Store } from '@ticketing/common/store';
import { enter, type Entry, type Shown, verdictOf } from './domain/entry.ts';
import * as holding from './domain/holding.ts';
import { issue, lose, placesOf, type Sold } from './domain/issue.ts';
import type { Admission, KnownEvent } from './domain/record.ts';
import { MANAGERS, refusal } from './domain/team.ts';

interface Deps extends Pick<Ports, 'clock'> {
  Admissions: Records<Admission>;
  Events: Store<KnownEvent>;
  regretSeconds: number;
}

/** Of an event, what its tickets are asked about: not its plan, which may be of a stadium. */
export const OF_EVENT = { pools: 0, marks: 0, description: 0, pictures: 0 } as const;

const TIME = 8;
const REST = 16;

/** The id of the admission of a place that an order sold: of the order's time, so that a repeated message makes the same one. */
const admissionId = (orderId: string, placeId: string): string =>
  orderId.slice(0, TIME) + createHash('sha256').update(`${orderId} ${placeId}`).digest('hex').slice(0, REST);

const THERE_ALREADY = reject('conflict', 'It is there already');

/** What a door is to say, and of whose ticket. */
export interface Entered extends Entry {
  admission?: Admission;
}

type Rule = Parameters<typeof change<Admission>>[2];

export type Commands = ReturnType<typeof commands>;

/** Every way in which an admission can change. */
export const commands = ({ Admissions, Events, clock, regretSeconds }: Deps) => {
  const eventOf = async (id: string): Promise<KnownEvent | Rejection> =>
    (await Events.findOne({ _id: id }, { projection: OF_EVENT })) ??
    reject('not-found', `There is no event ${id}`);

  /** What a rule makes of an admission, with its event as this service last heard of it. */
  const decide = async (id: string, rule: (event: KnownEvent) => Rule, unknown = holding.NOT_YOURS) => {
    const admission = await Admissions.findOne({ _id: id });
    if (!admission) return unknown;
    const event = await eventOf(admission.eventId);
    return isRejection(event) ? event : change(Admissions, admission, rule(event));
  };

  /** To who is not of its team it is not told that there is one. */
  const ofTeam = (id: string, userId: string, rule: Rule) =>
    decide(id, (event) => (refusal(userId, event, MANAGERS) ? () => holding.NOT_YOURS : rule));

  return {
    /** Issues the admissions of what an order sold, and ends those of what it keeps no more. */
    async hearOfOrder(order: Sold) {
      for (const told of placesOf(order)) {
        const fresh = issue(admissionId(order.id, told.item.ticketId), order, told, clock.now());
        const made = await create(Admissions, fresh, THERE_ALREADY);
        if (isRejection(made) && told.lost) await change(Admissions, fresh._id, lose(told.lost));
      }
    },

    giveBack: (userId: string, id: string, seen: number) =>
      decide(id, (event) => holding.giveBack(userId, event, seen, clock.now(), regretSeconds)),

    name: (userId: string, id: string, name: string | undefined) =>
      decide(id, (event) => holding.nameOf(userId, event, name, clock.now())),

    /** Resolves with the link's secret, which is told once and kept by its hash. */
    async offer(userId: string, id: string) {
      const token = linkToken(id);
      const offered = await decide(id, (event) => holding.offer(userId, event, linkHash(token), clock.now()));
      return isRejection(offered) ? offered : { token };
    },

    withdrawOffer: (userId: string, id: string) => change(Admissions, id, holding.withdrawOffer(userId)),

    claim: (userId: string, token: string) =>
      decide(
        linkedId(token),
        (event) => holding.claim(userId, event, linkHash(token), clock.now()),
        holding.NO_CLAIM,
      ),

    async reissue(userId: string, id: string) {
      const own = await change(Admissions, id, holding.reissue(userId, false));
      return own === holding.NOT_YOURS ? ofTeam(id, userId, holding.reissue(userId, true)) : own;
    },

    block: (userId: string, id: string, note: string) => ofTeam(id, userId, holding.block(note)),

    unblock: (userId: string, id: string) => ofTeam(id, userId, holding.unblock),

    /** What a door did, or wants to: resolves with what it is to say. */
    async enter(event: KnownEvent, admissionId: string, shown: Shown): Promise<Entered | Rejection> {
      const before = await Admissions.findOne({ _id: admissionId });
      if (!before) return { verdict: 'not-ours' };
      if (before.eventId !== event._id) return { verdict: 'other-event' };
      const again = event.reentry ?? false;
      let answer = verdictOf(before, shown, again);
      const after = await change(Admissions, before, (admission) => {
        answer = verdictOf(admission, shown, again);
        return enter(shown, again)(admission);
      });
      if (isRejection(after)) return after;
      return { ...answer, ...(after.conflict && { conflict: true }), admission: after };
    },
  };
};
