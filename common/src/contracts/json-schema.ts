import { z } from 'zod';
import type { AnyMessage } from './catalogue.ts';
import { Envelope } from './message.ts';

/** As much of JSON Schema (draft 2020-12) as contracts use. */
export interface JsonSchema {
  [keyword: string]: unknown;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  enum?: readonly unknown[];
}

/** An event as it is on the wire: the whole CloudEvent with its data. */
export const messageSchema = ({ subject, schema }: AnyMessage): JsonSchema => {
  const event = Envelope.extend({ type: z.literal(subject), data: schema });
  const { $schema, ...rest } = z.toJSONSchema(event, { io: 'input' }) as JsonSchema;
  return { $schema, title: subject, ...rest };
};
