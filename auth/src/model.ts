import { Schema } from 'mongoose';
import { defineModel } from '@ticketing/common/store';
import type { Account, Session } from './domain.ts';

const accounts = new Schema(
  { _id: String, email: String, passwordHash: String, roles: [String], zone: String, createdAt: Date },
  { versionKey: false },
);
/** However many sign-ups of one address come at once, one makes the account. */
accounts.index({ email: 1 }, { unique: true });
export const accountModel = defineModel<Account>('users', accounts);

const sessions = new Schema(
  {
    _id: String,
    userId: String,
    generation: Number,
    rotatedAt: Date,
    createdAt: Date,
    expiresAt: Date,
    endsAt: Date,
    ours: Number,
    by: { device: String, place: String },
    shared: { generation: Number, row: Number, devices: [String], at: Date },
    device: String,
  },
  { versionKey: false },
);
sessions.index({ userId: 1, _id: -1 });
sessions.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
export const sessionModel = defineModel<Session>('sessions', sessions);
