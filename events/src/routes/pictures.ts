import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { Id } from '@ticketing/common/contracts/message';
import { IfMatch } from '@ticketing/common/http/if-match';
import { anyone, ok, signedIn } from '@ticketing/common/http/route';
import { reject } from '@ticketing/common/rejection';
import type { Store } from '@ticketing/common/store';
import type { Commands } from '../commands.ts';
import { MOST, NO_PICTURE, TYPES } from '../domain/pictures.ts';
import type { EventRecord } from '../domain/record.ts';
import { roleOf, unknown } from '../domain/team.ts';
import type { PictureFile } from '../model.ts';
import { EventView, hrefOf, seenBy, UNSEEN } from './views.ts';

const ById = z.object({ id: Id });
const ByPicture = z.object({
  picture: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 hexadecimal digits')
    .meta({ description: 'What it holds, as `pictures` of an event says' }),
});
const whole = { 200: EventView };

/** A picture is sent to its event, and read where the event says, by what it holds: there it never changes. */
export const addPictures = (
  router: Router,
  act: Commands,
  { Events, Files }: { Events: Store<EventRecord>; Files: Store<PictureFile> },
): Router =>
  router
    .get(
      '/api/events/:id/picture',
      anyone(
        { summary: 'Where its picture is in its largest width', params: ById, replies: { 307: 'nothing' } },
        async ({ user, params }) => {
          const event = await Events.findOne({ _id: params.id }, { projection: UNSEEN });
          if (!event || (event.status === 'draft' && !(user && roleOf(user, event))))
            return unknown(params.id);
          const picture = event.pictures?.at(-1);
          return picture === undefined ? NO_PICTURE : { status: 307, headers: { Location: hrefOf(picture) } };
        },
      ),
    )
    .put(
      '/api/events/:id/picture',
      signedIn(
        {
          summary: 'Give it a picture, in place of the one that it has',
          params: ById,
          headers: IfMatch,
          file: { field: 'picture', types: TYPES, bytes: MOST },
          replies: whole,
        },
        ({ user, params, headers, body }) =>
          ok(act.illustrate(user, params.id, body, headers['if-match']).then(seenBy(user))),
      ),
    )
    .delete(
      '/api/events/:id/picture',
      signedIn(
        { summary: 'Take its picture away', params: ById, headers: IfMatch, replies: whole },
        ({ user, params, headers }) =>
          ok(act.withoutPicture(user, params.id, headers['if-match']).then(seenBy(user))),
      ),
    )
    .get(
      '/api/events/pictures/:picture',
      anyone(
        {
          summary: 'A picture in one width',
          params: ByPicture,
          replies: { 200: { media: 'image/webp' }, 304: 'nothing' },
          replyHeaders: { ETag: 'What it holds, by its SHA-256', 'Cache-Control': 'For ever' },
        },
        async ({ params: { picture }, req, res }) => {
          if (hasIt(req, picture)) return { status: 304, headers: lasting(picture) };
          const file = await Files.findOne({ _id: picture }, { projection: { bytes: 1 } });
          return file ? send(res, file) : reject('not-found', `There is no picture ${picture}`);
        },
      ),
    );

/** Proxies may mark our tag, or put something behind it: what it names is the same. */
const hasIt = ({ headers: { 'if-none-match': tags = '' } }: Request, picture: string) =>
  tags.includes(picture);

const lasting = (picture: string) => ({
  ETag: `"${picture}"`,
  'Cache-Control': 'public, max-age=31536000, immutable',
});

/** It holds its place among those that are being sent until the last byte is taken. */
const send = (res: Response, { _id, bytes }: PictureFile) => {
  for (const [name, value] of Object.entries(lasting(_id))) res.setHeader(name, value);
  res.setHeader('Content-Type', 'image/webp');
  // On its own it is no page: nothing runs, nothing is asked for.
  res.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox");
  res.end(bytes);
  return 'done' as const;
};
