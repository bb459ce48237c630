import type { Response, Router } from 'express';
import { Id } from '@ticketing/common/contracts/message';
import { numberOf } from '@ticketing/common/order-number';
import { signedIn } from '@ticketing/common/http/route';
import { isRejection, reject } from '@ticketing/common/rejection';
import type { Store } from '@ticketing/common/store';
import { z } from 'zod';
import { OF_EVENT } from '../commands.ts';
import { makeCode } from '../codes.ts';
import { NOT_YOURS } from '../domain/holding.ts';
import type { Admission, KnownEvent } from '../domain/record.ts';
import type { CodeKeyPair } from '../keys.ts';
import type { Press } from '../paper/press.ts';
import { paperOf } from '../paper/ticket.ts';
import { fileHeaders } from './file-name.ts';
import { hasCode } from './views.ts';

const ById = z.object({ id: Id });
const ByOrder = z.object({ orderId: Id });

/** More tickets than this no order has. */
const MOST = 200;

const NO_CODE = reject(
  'conflict',
  'This ticket has no code: it is for sale, was given back, or is not valid any more',
);
const NO_CODES = reject('conflict', 'None of the tickets of this order that you hold has a code');

const pdf = { 200: { media: 'application/pdf' } };
const replyHeaders = { 'Content-Disposition': 'That it is a file, and its name' };

interface Door {
  Admissions: Store<Admission>;
  Events: Store<KnownEvent>;
  signing: CodeKeyPair;
  press: Press;
}

/** Tickets and their dates as files, for who holds them. */
export const addFiles = (router: Router, { Admissions, Events, signing, press }: Door): Router => {
  const eventOf = (id: string) => Events.findOne({ _id: id }, { projection: OF_EVENT });

  const print = async (caller: string, held: readonly Admission[], number: string, res: Response) => {
    const event = held[0] && (await eventOf(held[0].eventId));
    if (!event) return NOT_YOURS;
    const states = held.map(({ _id, version }) => `${_id}:${version}`);
    const drawn = await press.file(caller, [event.version, signing.kid, ...states].join(' '), () =>
      held.map((one, n) => {
        const { _id: admissionId, eventId, generation } = one;
        const code = makeCode({ admissionId, eventId, generation }, signing);
        return paperOf(one, event, code, { n: n + 1, of: held.length });
      }),
    );
    return isRejection(drawn) ? drawn : send(res, drawn, 'application/pdf', `${event.title} ${number}.pdf`);
  };

  return router
    .get(
      '/api/admissions/orders/:orderId/pdf',
      signedIn(
        {
          summary: 'The tickets of an order that you still hold, as they are printed: one on a page',
          params: ByOrder,
          replies: pdf,
          replyHeaders,
        },
        async ({ user, params: { orderId }, res }) => {
          const mine = { orderId, holderId: user.id };
          const held = await Admissions.find(mine, { sort: { placeId: 1 }, limit: MOST });
          if (held.length === 0) return NOT_YOURS;
          const coded = held.filter(({ status }) => hasCode(status));
          return coded.length === 0 ? NO_CODES : print(user.id, coded, numberOf(orderId), res);
        },
      ),
    )
    .get(
      '/api/admissions/:id/pdf',
      signedIn(
        { summary: 'A ticket that you hold, as it is printed', params: ById, replies: pdf, replyHeaders },
        async ({ user, params: { id }, res }) => {
          const admission = await Admissions.findOne({ _id: id, holderId: user.id });
          if (!admission) return NOT_YOURS;
          return hasCode(admission.status) ? print(user.id, [admission], numberOf(id), res) : NO_CODE;
        },
      ),
    )
    .get(
      '/api/admissions/:id/calendar',
      signedIn(
        {
          summary: 'When and where a ticket of yours is for: iCalendar, with the zone of the venue',
          params: ById,
          replies: { 200: { media: 'text/calendar' } },
          replyHeaders,
        },
        async ({ user, params: { id }, res }) => {
          const admission = await Admissions.findOne({ _id: id, holderId: user.id });
          const event = admission && (await eventOf(admission.eventId));
          if (!event) return NOT_YOURS;
          const { calendarOf } = await import('../calendar.ts');
          const { title, status } = event;
          const method = status === 'cancelled' ? 'CANCEL' : 'PUBLISH';
          const type = `text/calendar; charset=utf-8; method=${method}`;
          return send(res, Buffer.from(calendarOf(event)), type, `${title}.ics`);
        },
      ),
    );
};

/** It holds its place among the files that are being sent until the last byte is taken. */
const send = (res: Response, bytes: Uint8Array, type: string, name: string) => {
  for (const [header, value] of Object.entries(fileHeaders(type, name))) res.setHeader(header, value);
  res.end(bytes);
  return 'done' as const;
};
