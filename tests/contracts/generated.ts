import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CATALOGUE, MESSAGES } from '@ticketing/common/contracts/catalogue';
import { breaks } from '@ticketing/common/contracts/compatibility';
import { messageSchema, type JsonSchema } from '@ticketing/common/contracts/json-schema';
import type { Handler } from '@ticketing/common/handler';
import { handlers as admissions } from '@ticketing/admissions/handlers';
import { handlers as expiration } from '@ticketing/expiration/handlers';
import { handlers as orders } from '@ticketing/orders/handlers';
import { handlers as payments } from '@ticketing/payments/handlers';
import { handlers as tickets } from '@ticketing/tickets/handlers';

const SCHEMAS = 'common/schemas';
export const RELEASED = 'common/schemas/released';
export const TABLE = 'docs/architecture.md';
export const ASYNCAPI = 'docs/asyncapi.json';

const fileOf = (subject: string) => `${subject.replace(':', '-')}.json`;
const text = (schema: JsonSchema) => `${JSON.stringify(schema, null, 2)}\n`;

/** What the contracts and handlers say, as the files under `root` must say it. */
export const generated = async (root: string): Promise<Map<string, string>> =>
  new Map([
    ...MESSAGES.map((event): [string, string] => [
      `${SCHEMAS}/${fileOf(event.subject)}`,
      text(messageSchema(event)),
    ]),
    [TABLE, withTable(await readFile(join(root, TABLE), 'utf8'))],
    [ASYNCAPI, text(asyncapi())],
  ]);

/** The files under `root` that say something else, or speak of events that are no more. */
export const stale = async (root: string): Promise<string[]> => {
  const wanted = await generated(root);
  const present = (await schemasIn(root, SCHEMAS)).map((name) => `${SCHEMAS}/${name}`);
  const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => undefined);
  const differ = await Promise.all(
    [...wanted].map(async ([path, content]) => ((await read(path)) === content ? [] : [path])),
  );
  return [...differ.flat(), ...present.filter((path) => !wanted.has(path))];
};

/** What the contracts break of their last release; `newValues` as `breaks` says. */
export const broken = async (root: string, allowed: { newValues?: boolean } = {}): Promise<string[]> => {
  const found = await Promise.all(
    (await schemasIn(root, RELEASED)).map(async (name) => {
      const event = MESSAGES.find(({ subject }) => fileOf(subject) === name);
      if (!event) return [`${name}: the event was removed`];
      const released = JSON.parse(await readFile(join(root, RELEASED, name), 'utf8')) as JsonSchema;
      return breaks(released, messageSchema(event), allowed).map((change) => `${event.subject}: ${change}`);
    }),
  );
  return found.flat();
};

const schemasIn = async (root: string, folder: string) =>
  (await readdir(join(root, folder)).catch(() => [])).filter((name) => name.endsWith('.json'));

/** No handler runs: they are only asked which events they are for. */
const nothing = {} as never;
export const LISTENERS: Record<string, readonly Handler[]> = {
  tickets: tickets(nothing, nothing),
  orders: orders(nothing, nothing, nothing, nothing),
  payments: payments(nothing, nothing),
  expiration: expiration(nothing),
  admissions: admissions(nothing, nothing),
};

const listeners = (subject: string) =>
  Object.keys(LISTENERS).filter((service) =>
    LISTENERS[service]?.some((handler) => handler.subject === subject),
  );

/** What a subject never carries that a service needs, whichever state it tells. */
const NEEDLESS: Readonly<Record<string, string>> = {
  'admissions order:created': 'no order that was ever complete, and so has admissions',
  'orders admission:issued': 'none that was given back: that is a change',
};

/**
 * Subjects that a service leaves out of those of a thing that it hears of: a state that another took the place of before it was
 * told is never sent, and the next may come under any subject.
 */
export const unheard = (listeners = LISTENERS): string[] =>
  Object.entries(listeners).flatMap(([service, handlers]) => {
    const heard = new Set(handlers.map(({ subject }) => subject));
    const things = new Set([...heard].map(thingOf));
    return MESSAGES.map(({ subject }) => subject)
      .filter((subject) => things.has(thingOf(subject)) && !heard.has(subject))
      .filter((subject) => !Object.hasOwn(NEEDLESS, `${service} ${subject}`))
      .map((subject) => `${service} does not hear ${subject}`);
  });

const thingOf = (subject: string) => subject.split(':')[0];

const rows = () =>
  Object.entries(CATALOGUE).flatMap(([service, events]) =>
    events.map(
      ({ subject }) =>
        `| [\`${subject}\`](../${SCHEMAS}/${fileOf(subject)}) | ${service} | ${listeners(subject).join(', ')} |`,
    ),
  );

const idOf = (subject: string) => subject.replace(':', '-');

/** Who tells whom what, as AsyncAPI 3: a channel for each message, and what each service does with it. */
const asyncapi = (): JsonSchema => {
  const owned = Object.entries(CATALOGUE).flatMap(([service, messages]) =>
    messages.map(({ subject }) => ({ service, subject })),
  );
  const does = (service: string, action: 'send' | 'receive', subject: string) =>
    [
      `${service}-${action}s-${idOf(subject)}`,
      { action, channel: { $ref: `#/channels/${idOf(subject)}` }, tags: [{ name: service }] },
    ] as const;
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Ticketing: what services tell each other',
      version: '1.0.0',
      description:
        'CloudEvents 1.0 in JSON, at least once and in any order, on NATS Streaming or the bus of one process.',
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(
      owned.map(({ subject }) => [
        idOf(subject),
        {
          address: subject,
          messages: { [idOf(subject)]: { $ref: `#/components/messages/${idOf(subject)}` } },
        },
      ]),
    ),
    operations: Object.fromEntries(
      owned.flatMap(({ service, subject }) => [
        does(service, 'send', subject),
        ...listeners(subject).map((listener) => does(listener, 'receive', subject)),
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        owned.map(({ subject }) => [
          idOf(subject),
          {
            name: subject,
            payload: {
              schemaFormat: 'application/schema+json;version=draft-2020-12',
              schema: { $ref: `../${SCHEMAS}/${fileOf(subject)}` },
            },
          },
        ]),
      ),
    },
  };
};

const withTable = (page: string): string => {
  const table = ['| message | emitted by | handled by |', '| --- | --- | --- |', ...rows()].join('\n');
  const marked = /(<!-- events -->\n)[^]*?(<!-- \/events -->)/;
  if (!marked.test(page)) throw new Error(`${TABLE} has no <!-- events --> and <!-- /events -->`);
  return page.replace(marked, `$1${table}\n$2`);
};
