import { Router } from 'express';
import { z } from 'zod';
import { Id } from '@ticketing/common/contracts/message';
import { IfMatch } from '@ticketing/common/http/if-match';
import { page } from '@ticketing/common/http/page';
import { anyone, created, noContent, ok, signedIn } from '@ticketing/common/http/route';
import type { Stream } from '@ticketing/common/http/stream';
import { IdempotencyKey } from '@ticketing/common/idempotency';
import { isRejection, reject } from '@ticketing/common/rejection';
import type { Clock } from '@ticketing/common/runtime';
import type { Store } from '@ticketing/common/store';
import type { Commands } from './commands.ts';
import type { EventRecord } from './domain/record.ts';
import { roleOf } from './domain/team.ts';
import type { PictureFile } from './model.ts';
import { CodeBody, CopyBody, EventBody, JoinBody, LinkBody, PostponeBody, TryBody } from './routes/bodies.ts';
import { pages } from './routes/page.ts';
import { addPictures } from './routes/pictures.ts';
import { ListEvents, ofTeam, OWN_SORTS, published, SORTS } from './routes/list.ts';
import {
  codeView,
  EventSummary,
  EventView,
  linkView,
  MadeCode,
  OpenedCode,
  OpenedLink,
  seenBy,
  summary,
  tiersView,
  UNLISTED,
} from './routes/views.ts';

const ById = z.object({ id: Id });
const whole = { 200: EventView };
const made = { 201: EventView };
const at = ({ id }: { id: string }) => `/api/events/${id}`;

export const routes = (
  act: Commands,
  Events: Store<EventRecord>,
  Files: Store<PictureFile>,
  stream: Stream,
  { clock, currency }: { clock: Clock; currency: string },
) => {
  const onePage = pages(Events);
  return addPictures(Router(), act, { Events, Files })
    .get(
      '/api/events',
      anyone(
        { summary: 'What is on', query: ListEvents, replies: { 200: z.array(EventSummary) } },
        ({ user, query, req }) => {
          const how = { url: req.originalUrl, projection: UNLISTED };
          if (!query.as)
            return page(
              Events,
              published(query, clock.now(), currency),
              query,
              SORTS[query.sort],
              (event) => summary(event),
              how,
            );
          if (!user) return reject('unauthorized', 'Please sign in');
          const own = ofTeam(user.id, query, currency);
          return page(
            Events,
            own,
            query,
            OWN_SORTS[query.sort],
            (event) => summary(event, roleOf(user, event)),
            how,
          );
        },
      ),
    )
    .post(
      '/api/events',
      signedIn(
        { summary: 'Draft an event', headers: IdempotencyKey, body: EventBody, replies: made },
        ({ user, body, headers }) =>
          created(act.draft(user, body, headers['idempotency-key']).then(seenBy(user)), at),
      ),
    )
    .get(
      '/api/events/stream',
      anyone(
        { summary: 'Server-sent events of what changes in published events', replies: { 200: 'stream' } },
        ({ req, res }) => stream.serve(req, res),
      ),
    )
    .post(
      '/api/events/team',
      signedIn(
        { summary: 'Join a team by the secret of a link', body: JoinBody, replies: whole },
        ({ user, body }) => ok(act.join(user, body.token).then(seenBy(user))),
      ),
    )
    .get(
      '/api/events/:id',
      anyone({ summary: 'One event', params: ById, replies: whole }, ({ user, params }) =>
        onePage(params.id, user),
      ),
    )
    .put(
      '/api/events/:id',
      signedIn(
        {
          summary: 'Say all of an event anew',
          params: ById,
          headers: IfMatch,
          body: EventBody,
          replies: whole,
        },
        ({ user, params, headers, body }) =>
          ok(act.edit(user, params.id, body, headers['if-match']).then(seenBy(user))),
      ),
    )
    .delete(
      '/api/events/:id',
      signedIn(
        { summary: 'Delete a draft', params: ById, headers: IfMatch, replies: { 204: 'nothing' } },
        ({ user, params, headers }) => noContent(act.remove(user, params.id, headers['if-match'])),
      ),
    )
    .post(
      '/api/events/:id/publish',
      signedIn(
        { summary: 'Open its sale to everybody', params: ById, headers: IfMatch, replies: whole },
        ({ user, params, headers }) =>
          ok(act.publish(user, params.id, headers['if-match']).then(seenBy(user))),
      ),
    )
    .post(
      '/api/events/:id/cancel',
      signedIn(
        { summary: 'Cancel it for good', params: ById, headers: IfMatch, replies: whole },
        ({ user, params, headers }) =>
          ok(act.cancel(user, params.id, headers['if-match']).then(seenBy(user))),
      ),
    )
    .post(
      '/api/events/:id/postpone',
      signedIn(
        {
          summary: 'Give it other times, and holders a day until which they may give back',
          params: ById,
          headers: IfMatch,
          body: PostponeBody,
          replies: whole,
        },
        ({ user, params, headers, body }) =>
          ok(act.postpone(user, params.id, body, headers['if-match']).then(seenBy(user))),
      ),
    )
    .post(
      '/api/events/:id/copy',
      signedIn(
        {
          summary: 'Draft the same at other times, without its codes and team',
          params: ById,
          headers: IdempotencyKey,
          body: CopyBody,
          replies: made,
        },
        ({ user, params, headers, body }) =>
          created(act.copy(user, params.id, body, headers['idempotency-key']).then(seenBy(user)), at),
      ),
    )
    .post(
      '/api/events/:id/codes',
      signedIn(
        { summary: 'Make a code', params: ById, body: CodeBody, replies: { 201: MadeCode } },
        ({ user, params, body }) =>
          created(
            act
              .addCode(user, params.id, body)
              .then((rule) => (isRejection(rule) ? rule : { ...codeView(rule), code: body.code })),
            () => at(params),
          ),
      ),
    )
    .post(
      '/api/events/:id/codes/check',
      anyone(
        { summary: 'What a code opens', params: ById, body: TryBody, replies: { 200: OpenedCode } },
        ({ user, params, body, req }) =>
          ok(
            act.tryCode({ userId: user?.id, address: req.ip }, params.id, body.code).then((opened) =>
              isRejection(opened)
                ? opened
                : {
                    tiers: tiersView(opened.tiers),
                    percent: opened.rule.percent,
                    amount: opened.rule.amount,
                  },
            ),
          ),
      ),
    )
    .delete(
      '/api/events/:id/codes/:codeId',
      signedIn(
        { summary: 'Remove a code', params: ById.extend({ codeId: Id }), replies: { 204: 'nothing' } },
        ({ user, params }) => noContent(act.removeCode(user, params.id, params.codeId)),
      ),
    )
    .post(
      '/api/events/:id/team/links',
      signedIn(
        { summary: 'Open a way into the team', params: ById, body: LinkBody, replies: { 201: OpenedLink } },
        ({ user, params, body }) =>
          created(
            act
              .openLink(user, params.id, body)
              .then((link) => (isRejection(link) ? link : { ...linkView(link), token: link.token })),
            () => at(params),
          ),
      ),
    )
    .delete(
      '/api/events/:id/team/links/:linkId',
      signedIn(
        {
          summary: 'Close a way into the team',
          params: ById.extend({ linkId: Id }),
          replies: { 204: 'nothing' },
        },
        ({ user, params }) => noContent(act.withdrawLink(user, params.id, params.linkId)),
      ),
    )
    .delete(
      '/api/events/:id/team/:userId',
      signedIn(
        {
          summary: 'Let somebody of the team go, or leave',
          params: ById.extend({ userId: Id }),
          replies: { 204: 'nothing' },
        },
        ({ user, params }) => noContent(act.leave(user, params.id, params.userId)),
      ),
    );
};
