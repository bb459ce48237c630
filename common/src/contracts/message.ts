import { z } from 'zod';

/** A moment: an ISO 8601 UTC string on the wire, a Date inside. */
export const Instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

export const Id = z
  .string()
  .regex(/^[0-9a-f]{24}$/, 'must be an id: 24 hexadecimal digits')
  .meta({ description: 'An id: 24 hexadecimal digits' });

export const Version = z.int().min(0);

/**
 * CloudEvents 1.0, JSON format. `id` is made of what happened to which version of what, so a repeat has the same. `congested`
 * is an extension: who finished something at its sender lately had waited long for a place (as ECN tells, RFC 3168).
 */
export const Envelope = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().optional(),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json').optional(),
  traceparent: z.string().optional(),
  congested: z.boolean().optional(),
  data: z.unknown(),
});

export type CloudEvent = z.infer<typeof Envelope>;

/** What a write announces; the record that writes it adds source, time and trace. */
export interface Draft {
  id: string;
  type: string;
  subject: string;
  data: Record<string, unknown>;
}

export interface Received<T> {
  id: string;
  time: Date;
  congested: boolean;
  data: T;
}

export interface MessageType<S extends z.ZodObject = z.ZodObject> {
  /** Builds a draft from a record (`_id` becomes `id`; keys that the contract does not know are left out). */
  (record: z.output<S> | (Omit<z.output<S>, 'id'> & { _id: string })): Draft;
  readonly subject: string;
  readonly schema: S;
  /** Reads an envelope's data; keeps keys that this version of the contract does not know. Throws a ZodError. */
  parse(event: CloudEvent): Received<z.output<S>>;
}

/**
 * One value holds all that there is to an event: its subject, schema, type and constructor.
 * `key` says what makes it unique (default: the record's id and version).
 */
export function defineMessage<S extends z.ZodObject>(
  subject: string,
  schema: S,
  key: (data: z.output<S>) => readonly [aggregate: string, occurrence: string | number] = ({
    id,
    version,
  }) => [id as string, version as number],
): MessageType<S> {
  const tolerant = schema.loose();
  const build = (record: object): Draft => {
    const state = ('_id' in record ? { ...record, id: record._id } : record) as z.output<S>;
    const [aggregate, occurrence] = key(state);
    return {
      id: `${subject}/${aggregate}/${occurrence}`,
      type: subject,
      subject: aggregate,
      data: z.encode(schema, state) as Record<string, unknown>,
    };
  };
  const parse = (event: CloudEvent) => ({
    id: event.id,
    time: new Date(event.time),
    congested: event.congested ?? false,
    data: tolerant.parse(event.data) as z.output<S>,
  });
  return Object.assign(build, { subject, schema, parse });
}
