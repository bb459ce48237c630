import { Schema } from 'mongoose';
import {
  LIVE,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderUpdated,
} from '@ticketing/common/contracts/order';
import { defineRecord } from '@ticketing/common/record';
import { defineModel } from '@ticketing/common/store';
import { type Order, type Ticket, UNBOUGHT, UNPAID } from './domain.ts';
import type { Departure } from './domain/buyer.ts';
import type { Ending } from './domain/endings.ts';
import type { KnownEvent } from './domain/places.ts';

const announce = (order: Order) => {
  switch (order.status) {
    case 'complete':
      return OrderCompleted(order);
    case 'cancelled':
      return OrderCancelled(order);
    case 'created':
    case 'awaiting:payment':
    case 'refunded':
      return order.version === 0 ? OrderCreated(order) : OrderUpdated(order);
  }
};

export const orderModel = defineRecord<Order>(
  'orders',
  {
    userId: String,
    buyer: { name: String, email: String },
    words: [String],
    saleId: String,
    status: String,
    reason: String,
    items: [
      {
        _id: false,
        ticketId: String,
        ticketVersion: Number,
        title: String,
        price: Number,
        sellerId: String,
        kind: String,
        tierId: String,
        seat: Object,
        taxRate: Number,
        coded: Boolean,
      },
    ],
    returned: [Object],
    total: Number,
    currency: String,
    expiresAt: Date,
    slot: String,
    allowances: [String],
    freed: [String],
    paidElsewhere: Boolean,
    extended: Boolean,
    confirmed: Boolean,
    atBank: Boolean,
    completedAt: Date,
    payments: Object,
    refundedAmount: Number,
    refundedElsewhere: Number,
    dispute: { status: String, amount: Number },
    refund: { status: String, amount: Number, note: String },
    idempotencyKey: String,
    requestHash: String,
  },
  announce,
);

const { schema } = orderModel;
/** What `place` assumes, this index guarantees: a ticket is in one live order at most. It can be sharded by sale. */
schema.index(
  { saleId: 1, 'items.ticketId': 1 },
  { unique: true, partialFilterExpression: { status: { $in: [...LIVE] } } },
);
/** A request repeated under its key finds what it made. */
schema.index(
  { userId: 1, idempotencyKey: 1 },
  { unique: true, partialFilterExpression: { idempotencyKey: { $exists: true } } },
);
schema.index({ userId: 1, _id: -1 });
schema.index({ 'items.sellerId': 1, _id: -1 });
/** Of the orders that were ever paid only, as reports need no others. */
schema.index({ 'items.sellerId': 1 }, { partialFilterExpression: { completedAt: { $exists: true } } });
schema.index({ expiresAt: 1 }, { partialFilterExpression: { status: { $in: [...UNPAID] } } });
/** An account has so many places for unpaid orders of a sale. It can be sharded by sale. */
schema.index(
  { saleId: 1, slot: 1 },
  { unique: true, partialFilterExpression: { slot: { $exists: true }, status: { $in: [...UNPAID] } } },
);
/** A limit of a tier or a code: each of its numbers is in one live order at most. It can be sharded by sale. */
schema.index(
  { saleId: 1, allowances: 1 },
  {
    unique: true,
    partialFilterExpression: { allowances: { $exists: true }, status: { $in: [...LIVE] } },
  },
);
/** How an event sells: of what was ever paid. It can be sharded by sale. */
schema.index({ saleId: 1, completedAt: 1 }, { partialFilterExpression: { completedAt: { $exists: true } } });
/**
 * The orders of an event for its team, newest first. Partial, so that who looks for a place is led to none of them. A search reads those
 * of its event: an index over words would be some thirty keys for each order, of which a crowd makes thousands a second.
 */
schema.index({ saleId: 1, status: 1, _id: -1 }, { partialFilterExpression: { 'items.kind': 'place' } });
/** What an account holds unpaid, and what it held lately and did not buy. */
schema.index(
  { userId: 1, _id: -1 },
  { name: 'unpaid', partialFilterExpression: { status: { $in: [...UNPAID] } } },
);
schema.index(
  { userId: 1, 'items.ticketId': 1, expiresAt: -1 },
  { partialFilterExpression: { reason: { $in: [...UNBOUGHT] } } },
);

/** What an order holds, also when it is over; not what left it one by one, of which the last still stands in it. */
const HELD = { $cond: [{ $eq: ['$reason', 'returned'] }, [], '$items'] };
const LEFT = { $ifNull: ['$returned', []] };
/** Whether it keeps what was paid for it, but for what left it. */
const KEPT = { $or: [{ $eq: ['$status', 'complete'] }, { $eq: ['$reason', 'returned'] }] };
/** Whatever went back of an order but for what left it, each that it holds bears its share of. */
const EXTRA = { $subtract: ['$refundedAmount', { $sum: '$left.back' }] };
const SHARE = { $multiply: ['$worth', EXTRA] };
const BACK = {
  $cond: [
    { $and: ['$kept', { $gt: ['$worth', 0] }, { $gt: [EXTRA, 0] }] },
    { $round: { $divide: [SHARE, { $sum: '$held.price' }] } },
    0,
  ],
};

/**
 * What a seller sold in each quarter of an hour and currency, as `Sales`, and before `since` in all: every zone's days begin with one, and which
 * zones there are is not for the database to know, whose names are older.
 */
export const salesOf = (sellerId: string, since: Date) => [
  { $match: { 'items.sellerId': sellerId, completedAt: { $exists: true } } },
  { $set: { held: HELD, left: LEFT, kept: KEPT } },
  { $set: { mine: ofSeller('$held', sellerId), gone: ofSeller('$left', sellerId) } },
  // What was paid at a box office was never here.
  {
    $set: {
      worth: { $cond: ['$paidElsewhere', 0, { $sum: '$mine.price' }] },
      gone: { $cond: ['$paidElsewhere', [], '$gone'] },
    },
  },
  { $set: { back: BACK, fees: { $subtract: [{ $sum: '$gone.price' }, { $sum: '$gone.back' }] } } },
  {
    $group: {
      _id: {
        from: {
          $cond: [
            { $gte: ['$completedAt', since] },
            { $dateTrunc: { date: '$completedAt', unit: 'minute', binSize: 15 } },
            null,
          ],
        },
        kept: '$kept',
        currency: '$currency',
      },
      amount: { $sum: { $add: [{ $subtract: ['$worth', '$back'] }, '$fees'] } },
      back: { $sum: { $add: ['$back', { $sum: '$gone.back' }] } },
      sold: { $sum: { $size: '$mine' } },
    },
  },
];

const ofSeller = (input: string, sellerId: string) => ({
  $filter: { input, cond: { $eq: ['$$this.sellerId', sellerId] } },
});

/** What was sold of an event, as `PlacesSold`; each place bears its share of what went back of its order. */
export const placesSoldOf = (saleId: string, since: Date) => [
  {
    $match: {
      $or: [
        { saleId, completedAt: { $exists: true } },
        // As the index says it: a part of these would be looked for without one.
        { saleId, status: { $in: [...LIVE] } },
      ],
    },
  },
  { $set: { held: HELD, left: LEFT, unpaid: { $in: ['$status', [...UNPAID]] }, stands: KEPT } },
  { $set: { each: { $concatArrays: ['$held', '$left'] } } },
  { $unwind: '$each' },
  { $set: { hasLeft: { $ne: [{ $type: '$each.back' }, 'missing'] } } },
  {
    $set: {
      kept: { $and: ['$stands', { $not: '$hasLeft' }] },
      worth: { $cond: [{ $or: ['$paidElsewhere', '$unpaid'] }, 0, '$each.price'] },
    },
  },
  {
    $set: {
      back: {
        $switch: {
          branches: [
            { case: { $eq: ['$worth', 0] }, then: 0 },
            { case: '$kept', then: BACK },
            { case: { $and: ['$stands', '$hasLeft'] }, then: '$each.back' },
          ],
          // Of what is not kept all goes back.
          default: '$worth',
        },
      },
    },
  },
  {
    $group: {
      _id: {
        tierId: '$each.tierId',
        from: {
          $cond: [
            { $and: ['$kept', { $gte: ['$completedAt', since] }] },
            { $dateTrunc: { date: '$completedAt', unit: 'minute', binSize: 15 } },
            null,
          ],
        },
        state: { $cond: ['$kept', 'kept', { $cond: ['$unpaid', 'held', 'gone'] }] },
      },
      count: { $sum: 1 },
      amount: { $sum: { $subtract: ['$worth', '$back'] } },
      back: { $sum: '$back' },
      elsewhere: { $sum: { $cond: ['$paidElsewhere', '$each.price', 0] } },
    },
  },
];

/** Orders of an event that ended unpaid, and those that are still to be paid. Beside those that were bought, that is all of them. */
export const unboughtOf = (saleId: string) => ({
  saleId,
  'items.kind': 'place',
  status: { $in: ['cancelled', 'refunded'] },
  completedAt: { $exists: false },
});
export const unpaidOf = (saleId: string) => ({
  saleId,
  'items.kind': 'place',
  status: { $in: [...UNPAID] },
});
/** As the index has it, which alone is looked at. */
export const boughtOf = (saleId: string) => ({ saleId, completedAt: { $gt: new Date(0) } });

const tickets = new Schema(
  {
    _id: String,
    version: Number,
    title: String,
    price: Number,
    currency: String,
    sellerId: String,
    saleId: String,
    deletedAt: Date,
  },
  { versionKey: false },
);
tickets.index({ deletedAt: 1 }, { sparse: true });
export const ticketModel = defineModel<Ticket>('tickets', tickets);

/** Events as they were last heard of, whole. */
export const eventModel = defineModel<KnownEvent>(
  'events',
  new Schema({ _id: String, version: Number, status: String }, { versionKey: false }),
);

const endings = new Schema(
  { _id: String, knownAt: Date, until: Date, nextAt: Date, doneAt: Date, ended: Number },
  { versionKey: false },
);
endings.index({ nextAt: 1 }, { sparse: true });
/** How far the orders of cancelled events are ended. */
export const endingModel = defineModel<Ending>('endings', endings);

const departures = new Schema({ _id: String, knownAt: Date }, { versionKey: false });
departures.index({ knownAt: 1 }, { expireAfterSeconds: 24 * 3600 });
/** Accounts that were deleted lately. */
export const departureModel = defineModel<Departure>('departures', departures);
