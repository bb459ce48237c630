import type { TeamRole } from '@ticketing/common/contracts/event';
import { reject, type Rejection } from '@ticketing/common/rejection';
import type { KnownEvent } from './record.ts';

export const MANAGERS = ['owner', 'manager'] as const satisfies TeamRole[];
export const DOORS = ['owner', 'manager', 'door'] as const satisfies TeamRole[];

/** Why somebody may not do what these of an event's team may. */
export function refusal(
  userId: string,
  { internal, status }: Pick<KnownEvent, 'internal' | 'status'>,
  roles: readonly TeamRole[],
): Rejection | undefined {
  const role = internal.team.find((member) => member.userId === userId)?.role;
  if (!role || status === 'draft') return reject('forbidden', 'This event is not yours');
  return roles.includes(role) ? undefined : reject('forbidden', `This is for its ${roles.join(' and ')}`);
}
