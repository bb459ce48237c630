import { TicketCreated, TicketDeleted, TicketUpdated } from '@ticketing/common/contracts/ticket';
import { defineRecord } from '@ticketing/common/record';
import { defineModel } from '@ticketing/common/store';
import { Schema } from 'mongoose';
import type { KnownAccount, Ticket } from './domain.ts';

/** What the seller offers, also while the page shows what was bought. */
const announce = (held: Ticket) => {
  const ticket = { ...held, ...held.edited };
  if (ticket.deletedAt) return TicketDeleted(ticket);
  return ticket.version === 0 ? TicketCreated(ticket) : TicketUpdated(ticket);
};

export const ticketModel = defineRecord<Ticket>(
  'tickets',
  {
    title: String,
    description: String,
    event: String,
    place: String,
    date: Object,
    price: Number,
    currency: String,
    sellerId: String,
    sellerName: String,
    saleId: String,
    status: String,
    words: [String],
    holds: Object,
    edited: Object,
    deletedAt: Date,
    idempotencyKey: String,
    requestHash: String,
  },
  announce,
);

export const accountModel = defineModel<KnownAccount>(
  'accounts',
  new Schema(
    { _id: String, version: Number, name: String, zone: String, deletedAt: Date },
    { versionKey: false },
  ),
);

const { schema } = ticketModel;
/**
 * The market: each order in which it is shown, of what is on it. Partial, as `deletedAt: null` in a key would have each
 * list merge the scans of *null* and *missing* and read documents to tell them apart.
 */
const shown = { partialFilterExpression: { deletedAt: null } };
schema.index({ _id: -1, price: 1 }, shown); // of `_id` alone the database takes no partial index
schema.index({ price: 1, _id: 1 }, shown);
schema.index({ status: 1, _id: -1 }, shown);
schema.index({ status: 1, price: 1, _id: 1 }, shown);
schema.index({ sellerId: 1, _id: -1 });
/** A request repeated under its key finds what it made. */
schema.index(
  { sellerId: 1, idempotencyKey: 1 },
  { unique: true, partialFilterExpression: { idempotencyKey: { $exists: true } } },
);
schema.index({ saleId: 1, _id: -1 });
/** Search: each page in each order is a part of one scan, whatever is looked for. A hold moves none of these entries. */
schema.index({ words: 1, _id: -1 }, shown);
schema.index({ words: 1, price: 1, _id: 1 }, shown);
/** For one release, as pods of the one before search by it; then `title_text_description_text` goes into `former`. */
schema.index(
  { title: 'text', description: 'text' },
  { weights: { title: 5, description: 1 }, default_language: 'none' },
);
