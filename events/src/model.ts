import { EventCancelled, EventChanged, EventPublished } from '@ticketing/common/contracts/event';
import { defineRecord } from '@ticketing/common/record';
import type { EventRecord } from './domain/record.ts';

/** A draft is nobody's business. */
const announce = (event: EventRecord) => {
  switch (event.status) {
    case 'draft':
      return undefined;
    case 'published':
      return event.version === event.publishedVersion ? EventPublished(event) : EventChanged(event);
    case 'cancelled':
      return EventCancelled(event);
  }
};

export const eventModel = defineRecord<EventRecord>(
  'events',
  {
    status: String,
    title: String,
    description: String,
    category: String,
    organizer: Object,
    venue: Object,
    zone: String,
    starts: String,
    startsAt: Date,
    ends: String,
    endsAt: Date,
    currency: String,
    pools: [Object],
    tiers: [Object],
    marks: [Object],
    returns: Object,
    postponedFrom: Date,
    internal: Object,
    publishedAt: Date,
    publishedVersion: Number,
    links: [Object],
    words: [String],
    cityKey: String,
    prices: [Number],
    idempotencyKey: String,
    requestHash: String,
  },
  announce,
);

const { schema } = eventModel;
/** What everybody is shown, by when it begins (what is over is told by the index itself) or as it came. */
const shown = { partialFilterExpression: { status: 'published' } };
schema.index({ startsAt: 1, _id: 1, endsAt: 1 }, shown);
schema.index({ publishedAt: -1, _id: -1, endsAt: 1 }, shown);
schema.index({ category: 1, startsAt: 1, _id: 1, endsAt: 1 }, shown);
schema.index({ category: 1, publishedAt: -1, _id: -1, endsAt: 1 }, shown);
schema.index({ cityKey: 1, startsAt: 1, _id: 1, endsAt: 1 }, shown);
schema.index({ cityKey: 1, publishedAt: -1, _id: -1, endsAt: 1 }, shown);
schema.index({ words: 1, startsAt: 1, _id: 1, endsAt: 1 }, shown);
schema.index({ words: 1, publishedAt: -1, _id: -1, endsAt: 1 }, shown);
/** Somebody's own, and how many drafts an account has. */
schema.index({ 'internal.team.userId': 1, _id: -1 });
schema.index({ 'internal.team.userId': 1, startsAt: 1, _id: 1 });
schema.index({ 'internal.ownerId': 1, _id: -1 }, { partialFilterExpression: { status: 'draft' } });
/** A request repeated under its key finds what it made. */
schema.index(
  { 'internal.ownerId': 1, idempotencyKey: 1 },
  { unique: true, partialFilterExpression: { idempotencyKey: { $exists: true } } },
);
