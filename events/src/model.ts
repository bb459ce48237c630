import { EventCancelled, EventChanged, EventPublished } from '@ticketing/common/contracts/event';
import { defineRecord } from '@ticketing/common/record';
import { defineModel } from '@ticketing/common/store';
import { Schema } from 'mongoose';
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
    pictures: [String],
    pictureSizes: [Object],
    returns: Object,
    reentry: Boolean,
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
/** Which files are shown. */
schema.index({ pictures: 1 }, { partialFilterExpression: { pictures: { $exists: true } } });
/** A request repeated under its key finds what it made. */
schema.index(
  { 'internal.ownerId': 1, idempotencyKey: 1 },
  { unique: true, partialFilterExpression: { idempotencyKey: { $exists: true } } },
);

/** A picture in one width, under what it holds; of events that show the same, the same one. */
export interface PictureFile {
  _id: string;
  bytes: Buffer;
  /** When somebody last began to show it. */
  at: Date;
  /** Of the largest width: who sent it. */
  by?: string;
}

const files = new Schema({ _id: String, bytes: Buffer, at: Date, by: String }, { versionKey: false });
/** Who looks for what nobody shows any more need not read the bytes. */
files.index({ _id: 1, at: 1 });
/** How many somebody sent lately. */
files.index({ by: 1, at: 1 });
export const pictureModel = defineModel<PictureFile>('pictures', files);
