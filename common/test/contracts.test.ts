import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { z } from 'zod';
import { type AnyMessage, CATALOGUE, MESSAGES } from '@ticketing/common/contracts/catalogue';
import { breaks } from '@ticketing/common/contracts/compatibility';
import { type CloudEvent, defineMessage, Envelope } from '@ticketing/common/contracts/message';
import { messageSchema, type JsonSchema } from '@ticketing/common/contracts/json-schema';
import { OrderCreated, OrderItem, OrderState, OrderStatus } from '@ticketing/common/contracts/order';
import { readEnvelope } from '@ticketing/common/handler';
import { envelope } from '@ticketing/common/record';
import { valid } from './arbitrary.ts';

const at = (...path: string[]) => join(import.meta.dirname, '..', ...path);
const json = (...path: string[]) => JSON.parse(readFileSync(at(...path), 'utf8')) as never;
const nameOf = ({ subject }: AnyMessage) => subject.replace(':', '-');
const released = (event: AnyMessage): JsonSchema => json('schemas/released', `${nameOf(event)}.json`);

const ajv = addFormats.default(new Ajv2020({ strict: false }));
const compiled = new WeakMap<JsonSchema, (event: unknown) => boolean>();
const accepts = (schema: JsonSchema, event: unknown) => {
  const validate = compiled.get(schema) ?? (ajv.compile(schema) as (event: unknown) => boolean);
  compiled.set(schema, validate);
  return validate(event);
};

/** As a service makes it: from the record that it keeps. */
const emit = (event: AnyMessage, record: object) =>
  envelope(event(record as never), { source: '/somewhere' }, new Date('2026-11-21T10:00:00Z'));
const wire = (event: object) => JSON.stringify(event);

const samples = MESSAGES.flatMap((event) =>
  readdirSync(at('test/samples', nameOf(event))).flatMap((file) =>
    Object.entries(json('test/samples', nameOf(event), file) as Record<string, CloudEvent>).map(
      ([kind, sample]) => [event.subject, `${file} ${kind}`, event, sample] as const,
    ),
  ),
);

describe('what was once sent goes on being understood', () => {
  test('every event has a sample of a small, a whole and a future message', () => {
    for (const { subject } of MESSAGES) {
      const kinds = samples.filter(([of]) => of === subject).map(([, name]) => name);
      expect(kinds).toEqual(expect.arrayContaining(['v1.json minimal', 'v1.json whole', 'v1.json future']));
    }
  });

  test.each(samples)('%s: %s', (_subject, _name, event, sample) => {
    const read = event.parse(readEnvelope(wire(sample)));
    expect(read.id).toBe(sample.id);
    expect(JSON.parse(wire(read.data))).toEqual(sample.data);
  });

  test.each(samples)('%s: %s is made again from what was read, and released readers take it', (...row) => {
    const [, , event, sample] = row;
    const again = emit(event, event.parse(sample).data);
    expect(again.id).toBe(sample.id);
    expect(accepts(released(event), JSON.parse(wire(again)))).toBe(true);
  });
});

describe('the contracts and their last release', () => {
  test('every event is released: else run `npm run schemas -- --release`', () => {
    expect(readdirSync(at('schemas/released')).sort()).toEqual(
      MESSAGES.map((event) => `${nameOf(event)}.json`).sort(),
    );
  });

  test.each(MESSAGES.map((event) => [event.subject, event] as const))(
    '%s breaks nothing',
    (_subject, event) => {
      expect(breaks(released(event), messageSchema(event))).toEqual([]);
    },
  );

  test('an event has one emitter, and its name says of what', () => {
    const emitters = Object.entries(CATALOGUE).flatMap(([service, events]) =>
      events.map(({ subject }) => [subject, service] as const),
    );
    expect(new Set(emitters.map(([subject]) => subject)).size).toBe(MESSAGES.length);
    // What `auth` keeps is accounts.
    const named = emitters.map(
      ([subject, service]) => [subject, service === 'auth' ? 'account' : service] as const,
    );
    for (const [subject, service] of named)
      expect(service).toMatch(new RegExp(`^${subject.split(':')[0]}s?$`));
  });
});

const orderWith = (schema: z.ZodObject) => defineMessage('order:created', schema);
const status = (...values: string[]) => OrderState.extend({ status: z.enum(values) });
const itemsOf = (item: z.ZodObject) => OrderState.extend({ items: z.array(item).min(1) });
const { options } = OrderStatus;

/** Changes that look innocent, with what is said of them. */
const breaking: [string, z.ZodObject, string[]][] = [
  ['a field removed', OrderState.omit({ total: true }), ['data.total was removed']],
  [
    'a field renamed',
    OrderState.omit({ total: true }).extend({ sum: z.int().min(0) }),
    ['data.sum became required', 'data.total was removed'],
  ],
  ['a new field that is required', OrderState.extend({ venue: z.string() }), ['data.venue became required']],
  ['an optional field made required', OrderState.required({ reason: true }), ['data.reason became required']],
  [
    'a required field made optional',
    OrderState.partial({ total: true }),
    ['data.total is no longer required'],
  ],
  [
    'a status that readers do not know',
    status(...options, 'sent'),
    ['data.status: the value sent is unknown to released readers'],
  ],
  [
    'a status that old messages hold removed',
    status('created'),
    options.slice(1).map((one) => `data.status: the value ${one} was removed`),
  ],
  ['a status of any name', OrderState.extend({ status: z.string() }), ['data.status: enum went']],
  [
    'another type',
    OrderState.extend({ total: z.string() }),
    [
      'type was "integer" and is "string"',
      'minimum was 0 and is undefined',
      'maximum was 9007199254740991 and is undefined',
    ].map((change) => `data.total: ${change}`),
  ],
  ['a looser bound', OrderState.extend({ total: z.int().min(-5) }), ['data.total: minimum was 0 and is -5']],
  ['a tighter bound', OrderState.extend({ total: z.int().min(50) }), ['data.total: minimum was 0 and is 50']],
  ['an inner field removed', itemsOf(OrderItem.omit({ price: true })), ['data.items[].price was removed']],
  [
    'an inner field made optional',
    itemsOf(OrderItem.partial({ price: true })),
    ['data.items[].price is no longer required'],
  ],
  ['unknown fields refused', OrderState.strict(), ['data: additionalProperties was undefined and is false']],
];

describe('a breaking change is refused', () => {
  test.each(breaking)('%s', (_change, schema, sentences) => {
    expect(breaks(released(OrderCreated), messageSchema(orderWith(schema)))).toEqual(sentences);
  });

  test('the removal of an optional field, on which a reader may count', () => {
    const shorter = orderWith(OrderState.omit({ reason: true }));
    expect(breaks(released(OrderCreated), messageSchema(shorter))).toEqual(['data.reason was removed']);
  });

  const messages = (schema: JsonSchema) =>
    fc.sample(valid(schema), { seed: 4, numRuns: 50 }) as (CloudEvent & { data: object })[];
  const reads = (event: AnyMessage, message: unknown) => {
    try {
      event.parse(Envelope.parse(message));
      return true;
    } catch {
      return false;
    }
  };

  test.each(breaking)('and rightly, as somebody would lose messages: %s', (_change, schema) => {
    const [old, changed] = [released(OrderCreated), messageSchema(orderWith(schema))];
    const future = messages(old).map((message) => ({ ...message, data: { ...message.data, extra: 1 } }));
    const lost = [
      ...messages(changed).filter((message) => !accepts(old, message)),
      ...[...messages(old), ...future].filter((message) => !accepts(changed, message)),
    ];
    expect(lost).not.toEqual([]);
  });

  test('an innocent change is not: a new optional field, a better description', () => {
    const richer = orderWith(
      OrderState.extend({ venue: z.string().optional(), total: z.int().min(0).describe('In cents') }),
    );
    expect(breaks(released(OrderCreated), messageSchema(richer))).toEqual([]);
    for (const message of messages(messageSchema(richer)))
      expect(accepts(released(OrderCreated), message)).toBe(true);
    for (const message of messages(released(OrderCreated))) expect(reads(richer, message)).toBe(true);
  });

  test('a release whose readers go first may add a status', () => {
    const more = messageSchema(orderWith(status(...options, 'sent')));
    expect(breaks(released(OrderCreated), more, { newValues: true })).toEqual([]);
  });
});

describe('an event goes through JSON unharmed', () => {
  /** As JSON knows them, which has no -0. */
  const unknown = fc
    .dictionary(fc.stringMatching(/^future[A-Z]$/), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 3 })
    .map((extra) => JSON.parse(JSON.stringify(extra)) as typeof extra);

  test.each(MESSAGES.map((event) => [event.subject, event] as const))('%s', (_subject, event) => {
    const { data: schema } = messageSchema(event).properties ?? {};
    fc.assert(
      fc.property(valid(schema ?? {}), unknown, (sent, extra) => {
        const record = event.parse({ ...emptyEnvelope, type: event.subject, data: sent }).data;
        const made = emit(event, record);
        const read = (data: unknown) => event.parse(readEnvelope(wire({ ...made, ...extra, data }))).data;
        expect(read(made.data)).toEqual(record);
        expect(read({ ...(made.data as object), ...extra })).toEqual({ ...record, ...extra });
        expect(emit(event, { ...record, ...extra })).toEqual(made);
      }),
      { numRuns: 100 },
    );
  });

  test('a record of the database is known by its _id', () => {
    const { id, ...rest } = OrderCreated.parse(samples.find(([of]) => of === 'order:created')![3]).data;
    expect(OrderCreated({ ...rest, _id: id } as never)).toEqual(OrderCreated({ ...rest, id }));
  });
});

const emptyEnvelope = { specversion: '1.0', id: '1', source: '/test', time: '2026-11-21T10:00:00Z' } as const;
