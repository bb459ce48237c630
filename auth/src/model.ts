import { Schema } from 'mongoose';
import { AccountChanged, AccountCreated } from '@ticketing/common/contracts/account';
import { defineRecord } from '@ticketing/common/record';
import { defineModel } from '@ticketing/common/store';
import type { Account, Session } from './domain.ts';

export const accountModel = defineRecord<Account>(
  'users',
  { email: String, passwordHash: String, roles: [String], zone: String, name: String },
  (account) => (account.version === 0 ? AccountCreated(account) : AccountChanged(account)),
);
/** However many sign-ups of one address come at once, one makes the account. */
accountModel.schema.index({ email: 1 }, { unique: true });

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
