import type { TeamRole } from '@ticketing/common/contracts/event';
import { reject, type Rejection } from '@ticketing/common/rejection';
import type { Changes } from '@ticketing/common/record';
import { isAdmin, type User } from '@ticketing/common/user';
import type { EventRecord, Expected, Link, Member } from './record.ts';

export type Asker = Pick<User, 'id' | 'roles'>;

/** People of a team, and ways into it that are open at a time. */
export const MOST_MEMBERS = 100;
const MOST_LINKS = 20;

export const EDITORS = ['owner', 'manager'] as const satisfies TeamRole[];
export const OWNER = ['owner'] as const satisfies TeamRole[];

/** What somebody is to an event; an admin may do what its owner may. */
export const roleOf = (
  user: Asker,
  { internal: { team } }: Pick<EventRecord, 'internal'>,
): TeamRole | undefined => (isAdmin(user) ? 'owner' : team.find(({ userId }) => userId === user.id)?.role);

export const unknown = (id: string): Rejection => reject('not-found', `There is no event ${id}`);

/** Whether somebody in one of these roles asks, who knows the newest version; else why not. A draft is there for its team alone. */
export function refusal(
  user: Asker,
  event: EventRecord,
  roles: readonly TeamRole[],
  expected?: Expected,
): Rejection | undefined {
  const role = roleOf(user, event);
  if (!role)
    return event.status === 'draft' ? unknown(event._id) : reject('forbidden', 'This event is not yours');
  if (!roles.includes(role)) return reject('forbidden', `This is for its ${roles.join(' and ')}`);
  if (expected === undefined || [expected].flat().includes(event.version)) return undefined;
  return reject('stale', `The event has changed: its version is ${event.version}`, {
    errors: [{ field: 'if-match', message: `must be "${event.version}"` }],
  });
}

/** Whether it is too late for any change. */
export const closed = ({ status, endsAt }: EventRecord, now: Date): Rejection | undefined => {
  if (status === 'cancelled') return reject('conflict', 'The event is cancelled');
  return status === 'published' && endsAt <= now ? reject('conflict', 'The event is over') : undefined;
};

/** A way into the team for whoever gets it, for a time and so many people. */
export const openLink =
  (user: Asker, link: Link, now: Date) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const refused = refusal(user, event, OWNER);
    if (refused) return refused;
    const open = event.links.filter((one) => isOpen(one, now));
    if (open.length >= MOST_LINKS)
      return reject('conflict', `There are ${MOST_LINKS} open links: withdraw one, or wait for its end`);
    return { links: [...open, link] };
  };

export const withdrawLink =
  (user: Asker, linkId: string) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const links = event.links.filter(({ id }) => id !== linkId);
    return (
      refusal(user, event, OWNER) ??
      (links.length < event.links.length ? { links } : reject('not-found', `There is no link ${linkId}`))
    );
  };

const isOpen = ({ expiresAt, used, uses }: Link, now: Date) => expiresAt > now && used < uses;

export const NO_LINK = reject('not-found', 'This link is not good, or not any more: ask for another');

/** Whoever has the link joins; who is in already does not use it up, unless it makes a manager of somebody at the door. */
export const join =
  (user: Asker, hash: string, now: Date) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const link = event.links.find((one) => one.hash === hash);
    const { team } = event.internal;
    const member = team.find(({ userId }) => userId === user.id);
    if (!link) return NO_LINK;
    if (member && !(member.role === 'door' && link.role === 'manager'))
      return reject('conflict', 'You are in the team already');
    if (!isOpen(link, now)) return NO_LINK;
    if (!member && team.length >= MOST_MEMBERS)
      return reject('conflict', `The team has ${MOST_MEMBERS} people already`);
    const others = team.filter((one) => one !== member);
    return {
      links: event.links.map((one) => (one === link ? { ...one, used: one.used + 1 } : one)),
      internal: { ...event.internal, team: [...others, { userId: user.id, role: link.role }] },
    };
  };

/** The owner lets others go, and everybody himself; the owner stays. */
export const leave =
  (user: Asker, userId: string) =>
  (event: EventRecord): Changes<EventRecord> | Rejection => {
    const anyone: readonly TeamRole[] = ['owner', 'manager', 'door'];
    const refused = refusal(user, event, userId === user.id ? anyone : OWNER);
    if (refused) return refused;
    const { internal } = event;
    const member = internal.team.find((one) => one.userId === userId);
    if (!member) return reject('not-found', `There is no ${userId} in the team`);
    if (member.role === 'owner') return reject('conflict', 'The owner stays in the team');
    const team: Member[] = internal.team.filter((one) => one !== member);
    return { internal: { ...internal, team } };
  };
