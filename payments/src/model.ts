import { Schema } from 'mongoose';
import {
  PaymentCreated,
  PaymentFailed,
  PaymentRefunded,
  PaymentStarted,
} from '@ticketing/common/contracts/payment';
import { defineRecord } from '@ticketing/common/record';
import { defineModel } from '@ticketing/common/store';
import { CHARGING, type Cursor, type Order, type Payment } from './domain.ts';

const EVENTS = {
  started: PaymentStarted,
  succeeded: PaymentCreated,
  failed: PaymentFailed,
  refunded: PaymentRefunded,
};

/** What a release before noted of a refund, which was always of the whole: that it was decided, and nothing that is told. */
const told = ({ refund, ...payment }: Payment): Payment =>
  refund && 'status' in refund ? { ...payment, refund } : payment;

const recorded = defineRecord<Payment>(
  'payments',
  {
    orderId: String,
    userId: String,
    amount: Number,
    currency: String,
    status: String,
    reason: String,
    paymentMethod: String,
    intentId: String,
    challenged: Boolean,
    lookedAt: Date,
    refund: {
      cause: String,
      reason: String,
      at: Date,
      status: String,
      attempt: Number,
      amount: Number,
      why: String,
      note: String,
      keep: Number,
      closed: Number,
      unsent: Boolean,
    },
    refundedAmount: Number,
    refundedElsewhere: Number,
    dispute: { status: String, amount: Number },
    disputes: [Object],
    warnedAt: Date,
    dueAt: Date,
    looks: Number,
    asked: Object,
    tried: { address: String, card: String, declinedAt: Date },
    lastTry: Boolean,
    idempotencyKey: String,
    requestHash: String,
  },
  (payment) => EVENTS[payment.status](told(payment)),
);

/** Until refunds could fail, the index that an order is charged once let pass what was refunded. */
export const paymentModel = { ...recorded, former: ['orderId_1'] };

const { schema } = paymentModel;
/** An order is charged once: one payment at most may take its money, or took it; what went back may come back. */
schema.index(
  { orderId: 1 },
  { name: 'charged-once', unique: true, partialFilterExpression: { status: { $in: [...CHARGING] } } },
);
schema.index(
  { userId: 1, idempotencyKey: 1 },
  { unique: true, partialFilterExpression: { idempotencyKey: { $exists: true } } },
);
schema.index({ orderId: 1, _id: -1 });
schema.index({ userId: 1, _id: -1 });
/** What the provider tells of is found by its own id. */
schema.index({ intentId: 1 }, { partialFilterExpression: { intentId: { $exists: true } } });
schema.index({ updatedAt: 1, _id: 1 }, { name: 'open', partialFilterExpression: { status: 'started' } });
schema.index(
  { 'refund.at': 1 },
  { partialFilterExpression: { status: 'succeeded', 'refund.at': { $exists: true } } },
);
/** Cards that were declined lately, by who tried them: in these there is nothing else. */
const DECLINED = { partialFilterExpression: { 'tried.declinedAt': { $exists: true } } };
schema.index({ 'tried.declinedAt': 1 }, DECLINED);
schema.index({ userId: 1, 'tried.declinedAt': -1 }, DECLINED);
schema.index({ orderId: 1, 'tried.declinedAt': -1 }, DECLINED);
schema.index({ 'tried.address': 1, 'tried.declinedAt': -1 }, DECLINED);
schema.index({ 'tried.card': 1, 'tried.declinedAt': -1 }, DECLINED);

const orders = new Schema(
  {
    _id: String,
    version: Number,
    userId: String,
    status: String,
    reason: String,
    total: Number,
    currency: String,
    expiresAt: Date,
    extended: Boolean,
    returned: [Object],
  },
  { versionKey: false },
);
export const orderModel = defineModel<Order>('orders', orders);

export const cursorModel = defineModel<Cursor>(
  'cursors',
  new Schema({ _id: String, heardUntil: Date, nextAt: Date }, { versionKey: false }),
);
