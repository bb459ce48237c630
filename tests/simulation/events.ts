import { Router } from 'express';
import { z } from 'zod';
import {
  EventCancelled,
  EventChanged,
  EventPublished,
  type EventState,
} from '@ticketing/common/contracts/event';
import { Id } from '@ticketing/common/contracts/message';
import { created, noContent, ok, signedIn } from '@ticketing/common/http/route';
import { change, create, defineRecord, type Recorded } from '@ticketing/common/record';
import { reject } from '@ticketing/common/rejection';
import { defineService } from '@ticketing/common/service';

export interface Organized extends Recorded, Omit<EventState, 'id' | 'version' | 'createdAt' | 'updatedAt'> {}

export const eventModel = defineRecord<Organized>('events', { status: String }, (event) => {
  if (event.status === 'cancelled') return EventCancelled(event);
  return event.version === 0 ? EventPublished(event) : EventChanged(event);
});

const ById = z.object({ id: Id });
const Body = z.looseObject({});
const told = ({ _id, version }: Organized) => ({ id: _id, version });
const shown = <R extends object>(outcome: Organized | R) =>
  'version' in outcome ? told(outcome as Organized) : (outcome as R);

/** An organizer's service as far as `orders` hears of it: publishes, changes and cancels events as it is told. */
export const events = defineService({
  name: 'events',
  config: z.object({}),
  setup({ records, ids }) {
    const Events = records(eventModel);
    return {
      routes: Router()
        .post(
          '/api/events',
          signedIn({ summary: 'Publish', body: Body, replies: { 201: Body } }, ({ body }) =>
            created(
              create(Events, dated({ ...body, _id: ids.next() }) as never).then(shown),
              ({ id }) => `/api/events/${id}`,
            ),
          ),
        )
        .patch(
          '/api/events/:id',
          signedIn(
            { summary: 'Change', params: ById, body: Body, replies: { 200: Body } },
            ({ params, body }) =>
              ok(
                change(Events, params.id, ({ status }) => (status === 'cancelled' ? OVER : dated(body))).then(
                  shown,
                ),
              ),
          ),
        )
        .delete(
          '/api/events/:id',
          signedIn({ summary: 'Cancel', params: ById, replies: { 204: 'nothing' } }, ({ params }) =>
            noContent(change(Events, params.id, () => ({ status: 'cancelled' as const }))),
          ),
        ),
    };
  },
});

const OVER = reject('conflict', 'The event is cancelled');

const dated = (body: object) => {
  const { startsAt, endsAt } = body as { startsAt?: string; endsAt?: string };
  return {
    ...body,
    ...(startsAt !== undefined && { startsAt: new Date(startsAt) }),
    ...(endsAt !== undefined && { endsAt: new Date(endsAt) }),
  };
};
