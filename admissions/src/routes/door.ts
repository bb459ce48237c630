import type { Router } from 'express';
import { AdmissionStatus } from '@ticketing/common/contracts/admission';
import type { TeamRole } from '@ticketing/common/contracts/event';
import { Id, Instant } from '@ticketing/common/contracts/message';
import { OrderItem } from '@ticketing/common/contracts/order';
import { signedIn } from '@ticketing/common/http/route';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Clock } from '@ticketing/common/runtime';
import type { Store } from '@ticketing/common/store';
import { text } from '@ticketing/common/text';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { type Commands, type Entered, OF_EVENT } from '../commands.ts';
import { readCode } from '../codes.ts';
import { VERDICTS } from '../domain/entry.ts';
import type { Admission, KnownEvent } from '../domain/record.ts';
import { DOORS, refusal } from '../domain/team.ts';

const ByEvent = z.object({ eventId: Id });

/** How far off a device's clock may be, in milliseconds: some begin in 1970. */
const CENTURY = 36_525 * 24 * 3600_000;
/** Longer than any code is: what else was scanned is told apart by its end. */
const MOST_CODE = 300;

const ScanBody = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\w-]{16,64}$/, 'must be 16 to 64 letters, digits, - and _')
      .meta({ description: 'Made by the device for this scan; a repeat has the same' }),
    kind: z.enum(['in', 'out', 'undo'], 'must be in, out or undo').default('in'),
    code: z.string().max(MOST_CODE).optional().meta({ description: 'As it was read' }),
    admissionId: Id.optional().meta({ description: 'In its place, of who was found by name' }),
    of: z.string().max(64).optional().meta({ description: 'The scan that this undoes' }),
    at: Instant.meta({ description: 'By the clock of the device' }),
    offset: z
      .int()
      .min(-CENTURY)
      .max(CENTURY)
      .default(0)
      .meta({ description: 'Milliseconds by which our clock is ahead of it, as far as the device knew' }),
    done: z
      .boolean()
      .default(false)
      .meta({ description: 'There was no network: they have been let in or out already' }),
  })
  .refine(({ code, admissionId }) => (code === undefined) !== (admissionId === undefined), {
    path: ['code'],
    error: 'must be there, or admissionId in its place',
  })
  .refine(({ kind, of }) => (kind === 'undo') === (of !== undefined), {
    path: ['of'],
    error: 'must name a scan where kind is undo, and be left out elsewhere',
  });

const EntriesBody = z.strictObject({
  door: text({ most: 40 }).meta({ description: 'What the door is called' }),
  scans: z
    .array(z.unknown())
    .min(1)
    .max(100)
    .meta({ description: 'Each as below; a malformed one holds up no other' }),
});

const EntryView = z.object({
  id: z.string().optional(),
  verdict: z.enum([...VERDICTS, 'malformed', 'later']),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  since: Instant.optional(),
  door: z.string().optional(),
  conflict: z.boolean().optional().meta({ description: 'Not all that happened can have been right: look' }),
  admissionId: Id.optional(),
  status: AdmissionStatus.optional(),
  tier: z.string().optional(),
  seat: OrderItem.shape.seat,
  name: z.string().optional(),
});

/** The event of which somebody is of the team in one of these roles, or why not. */
export type OfTeam = (
  eventId: string,
  userId: string,
  roles: readonly TeamRole[],
) => Promise<KnownEvent | Rejection>;

export const teamOf =
  (Events: Store<KnownEvent>): OfTeam =>
  async (eventId, userId, roles) => {
    const event = await Events.findOne({ _id: eventId }, { projection: OF_EVENT });
    if (!event) return reject('not-found', `There is no event ${eventId}`);
    return refusal(userId, event, roles) ?? event;
  };

interface Door {
  act: Commands;
  ofTeam: OfTeam;
  keys: ReadonlyMap<string, KeyObject>;
  clock: Clock;
}

/** What the team of an event does at its doors. */
export const addDoor = (router: Router, { act, ofTeam, keys, clock }: Door): Router => {
  const enter = async (event: KnownEvent, by: string, door: string, raw: unknown) => {
    const { data: scan, error } = ScanBody.safeParse(raw);
    if (!scan) {
      const id = z.object({ id: z.string().max(64) }).safeParse(raw).data?.id;
      const errors = error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
      return { ...(id !== undefined && { id }), verdict: 'malformed' as const, errors };
    }
    const { id, kind, code, of, done } = scan;
    const read = code === undefined ? undefined : readCode(code, keys);
    if (code !== undefined && !read) return { id, verdict: 'not-ours' as const };
    if (read && read.eventId !== event._id) return { id, verdict: 'other-event' as const };
    const corrected = new Date(Math.min(scan.at.getTime() + scan.offset, clock.now().getTime()));
    const entered = await act.enter(event, read?.admissionId ?? scan.admissionId ?? '', {
      id,
      kind,
      ...(of !== undefined && { of }),
      at: corrected,
      door,
      by,
      done,
      generation: read?.generation,
    });
    return isRejection(entered) ? { id, verdict: 'later' as const } : { id, ...entryView(entered, event) };
  };

  return router.post(
    '/api/admissions/events/:eventId/entries',
    signedIn(
      {
        summary: 'What happened at a door, or is to: an answer for each scan, in their order',
        params: ByEvent,
        body: EntriesBody,
        replies: { 200: z.array(EntryView) },
      },
      async ({ user, params, body }) => {
        const event = await ofTeam(params.eventId, user.id, DOORS);
        if (isRejection(event)) return event;
        const entered = [];
        // One after the other: an undo comes after what it undoes.
        for (const scan of body.scans) entered.push(await enter(event, user.id, body.door, scan));
        return { status: 200, body: entered };
      },
    ),
  );
};

const entryView = ({ admission, ...entry }: Entered, { tiers }: KnownEvent) => ({
  ...entry,
  ...(admission && ofTicket(admission, tiers)),
});

const ofTicket = ({ _id, status, tierId, seat, name }: Admission, tiers: KnownEvent['tiers']) => ({
  admissionId: _id,
  status,
  tier: tiers.find(({ id }) => id === tierId)?.name ?? '',
  ...(seat && { seat }),
  ...(name !== undefined && { name }),
});
