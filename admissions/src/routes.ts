import { createPublicKey } from 'node:crypto';
import { Router } from 'express';
import { Id } from '@ticketing/common/contracts/message';
import { Money } from '@ticketing/common/contracts/money';
import { Page, page } from '@ticketing/common/http/page';
import { anyone, noContent, ok, signedIn } from '@ticketing/common/http/route';
import type { Stream } from '@ticketing/common/http/stream';
import { isRejection, type Rejection } from '@ticketing/common/rejection';
import type { Clock } from '@ticketing/common/runtime';
import type { Filter, Store } from '@ticketing/common/store';
import { text } from '@ticketing/common/text';
import { z } from 'zod';
import { type Commands, OF_EVENT } from './commands.ts';
import { publicOf } from './codes.ts';
import { NOT_YOURS } from './domain/holding.ts';
import type { Admission, KnownEvent } from './domain/record.ts';
import type { CodeKeyPair } from './keys.ts';
import type { Press } from './paper/press.ts';
import { addDoor, teamOf } from './routes/door.ts';
import { addFiles } from './routes/files.ts';
import { addSnapshot } from './routes/snapshot.ts';
import { addTeam } from './routes/team.ts';
import { AdmissionView, viewOf } from './routes/views.ts';

interface Parts {
  act: Commands;
  Admissions: Store<Admission>;
  Events: Store<KnownEvent>;
  stream: Stream;
  clock: Clock;
  keys: readonly [CodeKeyPair, ...CodeKeyPair[]];
  press: Press;
  regretSeconds: number;
}

const ById = z.object({ id: Id });
const whole = { 200: AdmissionView };

const ListAdmissions = Page.extend({
  when: z
    .enum(['coming', 'past'], 'must be coming or past')
    .optional()
    .meta({ description: 'Of events that are not over, or that are; all when left out' }),
  orderId: Id.optional().meta({ description: 'What was bought with it' }),
});

/** So many events of one holder are looked at to tell what is coming. */
const MOST_EVENTS = 1000;
const NEWEST = { field: '_id', direction: -1 } as const;

export const routes = ({ act, Admissions, Events, stream, clock, keys, press, regretSeconds }: Parts) => {
  const [signing] = keys;
  const seeing = () => ({ signing, now: clock.now(), regretSeconds });
  const eventsOf = async (ids: readonly string[]) => {
    const found = await Events.find({ _id: { $in: [...new Set(ids)] } }, { projection: OF_EVENT });
    return new Map(found.map((event) => [event._id, event]));
  };
  /** As its holder sees it; one whose event is not known here yet cannot be told of. */
  const seen = async (outcome: Admission | Rejection | Promise<Admission | Rejection>) => {
    const admission = await outcome;
    if (isRejection(admission)) return admission;
    const event = (await eventsOf([admission.eventId])).get(admission.eventId);
    return event ? viewOf(admission, event, seeing()) : NOT_YOURS;
  };
  const whenIs = async (userId: string, when: 'coming' | 'past' | undefined): Promise<Filter> => {
    if (!when) return {};
    const grouped = [
      { $match: { holderId: userId } },
      { $group: { _id: '$eventId' } },
      { $limit: MOST_EVENTS },
    ];
    const ids = (await Admissions.aggregate(grouped)) as { _id: string }[];
    const over = { endsAt: when === 'past' ? { $lte: clock.now() } : { $gt: clock.now() } };
    const found = await Events.find(
      { _id: { $in: ids.map(({ _id }) => _id) }, ...over },
      { projection: { _id: 1 } },
    );
    return { eventId: { $in: found.map(({ _id }) => _id) } };
  };

  const router = Router()
    .get(
      '/api/admissions/keys',
      anyone(
        {
          summary: 'The public keys that codes are verified with (JWKS)',
          replies: { 200: z.object({ keys: z.array(z.record(z.string(), z.string())) }) },
        },
        () => ({
          status: 200,
          body: {
            keys: keys.map(({ kid, key }) => ({ ...createPublicKey(key).export({ format: 'jwk' }), kid })),
          },
        }),
      ),
    )
    .get(
      '/api/admissions',
      signedIn(
        {
          summary: 'The tickets that you hold, newest first',
          query: ListAdmissions,
          replies: { 200: z.array(AdmissionView) },
        },
        async ({ user, query, req }) => {
          const { orderId, when } = query;
          const mine = { holderId: user.id, ...(orderId && { orderId }), ...(await whenIs(user.id, when)) };
          const found = await page(Admissions, mine, query, NEWEST, (one) => one, { url: req.originalUrl });
          if (isRejection(found)) return found;
          const admissions = found.body as Admission[];
          const events = await eventsOf(admissions.map(({ eventId }) => eventId));
          const views = admissions.flatMap((one) => {
            const event = events.get(one.eventId);
            return event ? [viewOf(one, event, seeing())] : [];
          });
          return { ...found, body: views };
        },
      ),
    )
    .get(
      '/api/admissions/stream',
      signedIn(
        { summary: 'Server-sent events of what changes in your tickets', replies: { 200: 'stream' } },
        ({ user, req, res }) => stream.serve(req, res, user),
      ),
    )
    .post(
      '/api/admissions/claims',
      signedIn(
        {
          summary: 'Take what was handed on by a link',
          body: z.strictObject({ token: z.string().min(24).max(100) }),
          replies: whole,
        },
        ({ user, body }) => ok(seen(act.claim(user.id, body.token))),
      ),
    )
    .post(
      '/api/admissions/returns',
      signedIn(
        {
          summary: 'Give tickets back: an answer for each',
          body: z.strictObject({
            tickets: z
              .array(
                z.strictObject({
                  id: Id,
                  back: Money.meta({ description: 'What you saw that goes back to who paid for it' }),
                }),
              )
              .min(1)
              .max(100),
          }),
          replies: {
            200: z.array(
              z.object({
                id: Id,
                ticket: AdmissionView.optional(),
                refused: z.string().optional().meta({ description: 'Why it was not taken back' }),
              }),
            ),
          },
        },
        async ({ user, body }) => {
          const answers = [];
          for (const { id, back } of body.tickets) {
            const ticket = await seen(act.giveBack(user.id, id, back));
            answers.push(isRejection(ticket) ? { id, refused: sentence(ticket) } : { id, ticket });
          }
          return { status: 200, body: answers };
        },
      ),
    )
    .get(
      '/api/admissions/:id',
      signedIn({ summary: 'A ticket that you hold', params: ById, replies: whole }, ({ user, params }) =>
        ok(seen(Admissions.findOne({ _id: params.id, holderId: user.id }).then((one) => one ?? NOT_YOURS))),
      ),
    )
    .patch(
      '/api/admissions/:id',
      signedIn(
        {
          summary: 'Say who will come',
          params: ById,
          body: z.strictObject({ name: text({ most: 80 }).nullable() }),
          replies: whole,
        },
        ({ user, params, body }) => ok(seen(act.name(user.id, params.id, body.name ?? undefined))),
      ),
    )
    .post(
      '/api/admissions/:id/link',
      signedIn(
        {
          summary: 'Open a way to hand it on, for who comes first; one that was open is closed',
          params: ById,
          replies: { 201: z.object({ token: z.string().meta({ description: 'Told this once' }) }) },
        },
        async ({ user, params }) => {
          const offered = await act.offer(user.id, params.id);
          return isRejection(offered) ? offered : { status: 201, body: offered };
        },
      ),
    )
    .delete(
      '/api/admissions/:id/link',
      signedIn(
        { summary: 'Close the way to hand it on', params: ById, replies: { 204: 'nothing' } },
        ({ user, params }) => noContent(act.withdrawOffer(user.id, params.id)),
      ),
    )
    .post(
      '/api/admissions/:id/code',
      signedIn(
        {
          summary: 'Another code, and the one of before is dead: for its holder, and the event’s managers',
          params: ById,
          replies: { 204: 'nothing' },
        },
        ({ user, params }) => noContent(act.reissue(user.id, params.id)),
      ),
    )
    .put(
      '/api/admissions/:id/block',
      signedIn(
        {
          summary: 'Let nobody in with it: for the event’s managers',
          params: ById,
          body: z.strictObject({ note: text({ most: 200 }).meta({ description: 'Why, for its holder' }) }),
          replies: { 204: 'nothing' },
        },
        ({ user, params, body }) => noContent(act.block(user.id, params.id, body.note)),
      ),
    )
    .delete(
      '/api/admissions/:id/block',
      signedIn(
        { summary: 'Let it be good again, with another code', params: ById, replies: { 204: 'nothing' } },
        ({ user, params }) => noContent(act.unblock(user.id, params.id)),
      ),
    );
  addFiles(router, { Admissions, Events, signing, press });
  const ofTeam = teamOf(Events);
  addDoor(router, { act, ofTeam, keys: publicOf(keys), clock });
  addSnapshot(router, { Admissions, ofTeam, stream, clock });
  return addTeam(router, { Admissions, ofTeam });
};

const sentence = ({ message, errors = [] }: Rejection) =>
  [message, ...errors.map(({ message: detail }) => detail)].join(': ');
