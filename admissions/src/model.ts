import { AdmissionChanged, AdmissionIssued } from '@ticketing/common/contracts/admission';
import { defineRecord } from '@ticketing/common/record';
import { defineModel } from '@ticketing/common/store';
import { Schema } from 'mongoose';
import type { Admission, KnownEvent } from './domain/record.ts';

export const admissionModel = defineRecord<Admission>(
  'admissions',
  {
    eventId: String,
    orderId: String,
    placeId: String,
    tierId: String,
    seat: Object,
    price: Number,
    currency: String,
    taxRate: Number,
    buyerId: String,
    soldAt: Date,
    holderId: String,
    formerId: String,
    name: String,
    words: [String],
    generation: Number,
    status: String,
    reason: String,
    note: String,
    back: Number,
    claim: Object,
    scans: [Object],
    conflict: Boolean,
  },
  (admission) => (admission.version === 0 ? AdmissionIssued(admission) : AdmissionChanged(admission)),
);

const { schema } = admissionModel;
/** What somebody holds, and of which events. */
schema.index({ holderId: 1, _id: -1 });
schema.index({ holderId: 1, eventId: 1 });
/** Those of an event, for its doors. */
schema.index({ eventId: 1, status: 1, _id: 1 });
schema.index({ eventId: 1, words: 1, _id: 1 }, { partialFilterExpression: { words: { $exists: true } } });
schema.index({ orderId: 1 });

/** Events as they were last heard of, whole. */
export const eventModel = defineModel<KnownEvent>(
  'events',
  new Schema({ _id: String, version: Number, status: String }, { versionKey: false }),
);
