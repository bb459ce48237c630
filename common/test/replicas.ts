import { Schema } from 'mongoose';
import type { Replica } from '../src/replicate.ts';
import { defineModel } from '../src/store.ts';

export interface Thing extends Replica {
  name?: string;
}

export const thingModel = defineModel<Thing>(
  'things',
  new Schema({ _id: String, version: Number, name: String }, { versionKey: false }),
);

export const thingId = (n: number) => n.toString(16).padStart(24, '0');
