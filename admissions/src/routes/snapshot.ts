import type { Router } from 'express';
import { AdmissionStatus } from '@ticketing/common/contracts/admission';
import { Id, Instant } from '@ticketing/common/contracts/message';
import { signedIn } from '@ticketing/common/http/route';
import type { Stream } from '@ticketing/common/http/stream';
import { isRejection } from '@ticketing/common/rejection';
import { remember } from '@ticketing/common/remember';
import type { Clock } from '@ticketing/common/runtime';
import type { Store } from '@ticketing/common/store';
import { z } from 'zod';
import type { Admission, KnownEvent } from '../domain/record.ts';
import { OF_SNAPSHOT, snapshotOf } from '../domain/snapshot.ts';
import { DOORS } from '../domain/team.ts';
import { doorsOf } from './changes.ts';
import type { OfTeam } from './door.ts';

const ByEvent = z.object({ eventId: Id });

const SnapshotView = z.object({
  at: Instant.meta({ description: 'By our clock: what changed since is told by the stream' }),
  ids: z.string().meta({ description: 'Twelve bytes each, in Base64' }),
  generations: z.string().meta({ description: 'Two bytes each, the greater first, in Base64' }),
  statuses: z.string().meta({
    description: 'A letter each: valid, entered, out, listed, returned, or x for revoked',
  }),
  tiers: z.object({ names: z.array(z.string()), of: z.array(z.int()) }),
  seats: z.array(z.string().nullable()),
  names: z.array(z.string().nullable()),
});

/** A device that asks within this time after another is given the same, in milliseconds: the stream tells more than that again. */
const FRESH = 5000;
/** Of so many events. */
const KEPT = 8;

interface Kept {
  at: Date;
  text: Promise<Buffer>;
}

/** What a device at a door keeps, and how it stays true. */
export const addSnapshot = (
  router: Router,
  {
    Admissions,
    ofTeam,
    stream,
    clock,
  }: { Admissions: Store<Admission>; ofTeam: OfTeam; stream: Stream; clock: Clock },
): Router => {
  const kept = new Map<string, Kept>();
  const make = async (event: KnownEvent, at: Date) => {
    const all = { eventId: event._id, status: { $in: AdmissionStatus.options } };
    const found = await Admissions.find(all, { sort: { _id: 1 }, projection: OF_SNAPSHOT });
    return Buffer.from(JSON.stringify({ at, ...snapshotOf(found, event) }));
  };
  const snapshot = (event: KnownEvent) => {
    const key = `${event._id} ${event.version}`;
    const before = kept.get(key);
    const at = clock.now();
    if (before && at.getTime() - before.at.getTime() < FRESH) return before.text;
    const text = make(event, at);
    remember(kept, key, { at, text }, KEPT);
    text.catch(() => kept.delete(key));
    return text;
  };

  return router
    .get(
      '/api/admissions/events/:eventId/snapshot',
      signedIn(
        {
          summary: 'All tickets of an event for a device at a door, which may lose its network',
          params: ByEvent,
          replies: { 200: SnapshotView },
        },
        async ({ user, params }) => {
          const event = await ofTeam(params.eventId, user.id, DOORS);
          return isRejection(event) ? event : { status: 200, text: await snapshot(event) };
        },
      ),
    )
    .get(
      '/api/admissions/events/:eventId/stream',
      signedIn(
        {
          summary: 'Server-sent events of what changes in the tickets of an event, for its team',
          params: ByEvent,
          replies: { 200: 'stream' },
        },
        async ({ user, params, req, res }) => {
          const event = await ofTeam(params.eventId, user.id, DOORS);
          if (isRejection(event)) return event;
          return stream.serve(req, res, { id: doorsOf(event._id), expiresAt: user.expiresAt });
        },
      ),
    );
};
