import { Router } from 'express';
import { z } from 'zod';
import { cookieNames } from './cookies.ts';
import { type Documented, isMedia, type Media, type RouteSpec } from './route.ts';

type Json = Record<string, unknown>;

interface Layer {
  name: string;
  route?: { path: string; stack: { method?: string; handle: Partial<Documented> }[] };
}

/**
 * Every route of a router with its statement; `spec` is missing where somebody went around the kit, also by `all()`
 * (method `all`) or by `use()` (method `use`, and the name of what is used in place of a path).
 */
export const listRoutes = (router: Router) =>
  (router.stack as unknown as Layer[]).flatMap(({ name, route }) =>
    route
      ? route.stack.map(({ method = 'all', handle }) => ({ method, path: route.path, spec: handle.spec }))
      : [{ method: 'use', path: name, spec: undefined }],
  );

/** The OpenAPI 3.1 document of a service, from the same zod schemas that its routes validate with. */
export function openapi(name: string, router: Router, version: string, secure = true): Json {
  const paths: Record<string, Json> = {};
  for (const { method, path, spec } of listRoutes(router)) {
    if (spec) (paths[path.replace(/:(\w+)/g, '{$1}')] ??= {})[method] = operation(name, method, path, spec);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `Ticketing: ${name}`,
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description: REFUSALS_OF_ALL,
    },
    servers: [{ url: '/' }],
    tags: [{ name }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: cookieNames(secure).session },
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
      schemas: { Problem: PROBLEM },
      responses: Object.fromEntries(
        Object.entries(REFUSALS).map(([name, [description, headers]]) => [
          name,
          refusal(description, headers),
        ]),
      ),
    },
  };
}

/** Serves the document. */
export const documentation = (name: string, router: Router, version: string, secure: boolean): Router => {
  const document = JSON.stringify(openapi(name, router, version, secure));
  return Router().get(`/api/${name}/openapi.json`, (_req, res) => {
    res.type('json').end(document);
  });
};

const operation = (tag: string, method: string, path: string, spec: Documented['spec']): Json => ({
  operationId: `${method}${path.replace(/[^a-zA-Z]+(\w)?/g, (_, letter?: string) => letter?.toUpperCase() ?? '')}`,
  summary: spec.summary,
  tags: [tag],
  security: spec.access === 'user' ? [{ session: [] }, { bearer: [] }] : [],
  parameters: [
    ...parameters('path', spec.params),
    ...parameters('query', spec.query),
    ...parameters('header', spec.headers),
    ...(Object.values(spec.replies).includes('stream') ? [LAST_EVENT_ID] : []),
  ],
  ...(spec.body && {
    requestBody: { required: true, content: { 'application/json': { schema: wire(spec.body) } } },
  }),
  ...(spec.raw && { requestBody: { required: true, content: { 'application/json': { schema: {} } } } }),
  ...(spec.file && {
    requestBody: {
      required: true,
      description: `Up to ${spec.file.bytes / 1_000_000} MB; what it is its bytes tell`,
      content: Object.fromEntries(spec.file.types.map((type) => [type, {}])),
    },
  }),
  responses: {
    ...Object.fromEntries(
      Object.entries(spec.replies).map(([status, reply]) => [
        status,
        response(status, reply, 'cursor' in (spec.query?.shape ?? {}), spec.replyHeaders),
      ]),
    ),
    ...Object.fromEntries(refusalsOf(spec).map((status) => [status, refused(status)])),
    default: refused('Problem'),
  },
});

/** What each may be refused with besides what its own rules say, which is a problem document as well. */
const refusalsOf = ({ access, body, raw, file }: Documented['spec']) => [
  '400',
  ...(access === 'user' ? ['401'] : []),
  ...(body || raw || file ? ['413', '415'] : []),
  '429',
  '431',
  '503',
];

const refused = (name: string) => ({ $ref: `#/components/responses/${name}` });

const refusal = (description: string, headers: readonly string[]): Json => ({
  description,
  ...(headers.length > 0 && {
    headers: Object.fromEntries(headers.map((name) => [name, header(HEADERS[name] ?? '')])),
  }),
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

const HEADERS: Record<string, string> = {
  'Retry-After': 'Seconds after which the same may succeed',
  'WWW-Authenticate': 'Bearer',
  'Accept-Encoding': 'identity, where the encoding was refused',
};

const REFUSALS: Record<string, readonly [description: string, headers: readonly string[]]> = {
  400: ['What was sent is not as documented; `errors` name the fields', []],
  401: ['Nobody is signed in', ['WWW-Authenticate']],
  413: ['The body is too large', []],
  415: [
    'The body is not JSON in UTF-8, or of the type that is asked for, or it is compressed',
    ['Accept-Encoding'],
  ],
  429: ['Too many requests of yours are at work, or were tried', ['Retry-After']],
  431: ['The headers, or the path with its query, are larger than 16 kB', []],
  503: ['Not now: too many ask at once, or something that is needed is out', ['Retry-After']],
  Problem: ['Refused', ['Retry-After']],
};

const REFUSALS_OF_ALL =
  'Refusals are problem documents (RFC 9457), also of what is no operation: 404 for a path that nobody takes, 405 with `Allow` ' +
  'for a method that a path does not take, 408 for a request that took too long to come.';

const response = (
  status: string,
  reply: z.ZodType | 'nothing' | 'stream' | Media,
  paged: boolean,
  own: RouteSpec['replyHeaders'] = {},
): Json => {
  const described = Object.fromEntries(Object.entries(own).map(([name, meaning]) => [name, header(meaning)]));
  if (status === '304') return { description: 'It is as it was', headers: described };
  if (reply === 'nothing')
    return status.startsWith('3')
      ? { description: 'Go on there', headers: { Location: header('Where to go on') } }
      : { description: 'Done' };
  if (reply === 'stream') return { description: EVENTS, content: { 'text/event-stream': { schema: EVENT } } };
  if (isMedia(reply)) return { description: 'Done', headers: described, content: { [reply.media]: {} } };
  const body = wire(reply);
  const headers = {
    ...described,
    ...('version' in ((body['properties'] ?? {}) as Json) && { ETag: header('The version, for If-Match') }),
    ...(paged && { Link: header('With rel="next": where the next page is, if there is one') }),
  };
  return {
    description: 'Done',
    ...(Object.keys(headers).length > 0 && { headers }),
    content: { 'application/json': { schema: body } },
  };
};

const header = (description: string): Json => ({ description, schema: { type: 'string' } });

const parameters = (place: 'path' | 'query' | 'header', object?: z.ZodObject): Json[] =>
  Object.entries(object?.shape ?? {}).map(([name, field]) => {
    const type = field as z.ZodType;
    const { description, ...schema } = place === 'query' ? meant(type) : wire(type);
    return {
      name: place === 'header' ? name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()) : name,
      in: place,
      required: place === 'path' || !type.safeParse(undefined).success,
      ...(description !== undefined && { description }),
      schema,
    };
  });

const jsonSchema = (type: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { io, unrepresentable: 'any' });
  return rest;
};

/** What goes over the wire, so a codec's encoded side. */
const wire = (type: z.ZodType): Json => jsonSchema(type, 'input');

/** A query knows only text, OpenAPI says what is meant: a number with its bounds and default, not a text of digits. */
const meant = (type: z.ZodType): Json => {
  const output = jsonSchema(type, 'output');
  return 'type' in output || 'enum' in output ? output : wire(type);
};

const EVENTS =
  'Server-sent events without an end, each as the schema says: `change` has a thing as it is now as its data, `reload` says that ' +
  'more was missed than can be told, `beat` comes at once and then every so many `seconds`, as its data says. A stream of what is yours ends when the access token does; come back with Last-Event-ID.';

/** One event: of a stream, that is what a schema describes. */
const EVENT = {
  type: 'object',
  required: ['event', 'data'],
  properties: {
    event: { enum: ['change', 'reload', 'beat'] },
    id: { type: 'string' },
    data: { type: 'string', contentMediaType: 'application/json' },
    retry: { type: 'integer' },
  },
};

const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last event that was seen: what came after it is sent first',
  schema: { type: 'string' },
};

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'errors'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['message'],
        properties: { message: { type: 'string' }, field: { type: 'string' } },
      },
    },
    traceId: { type: 'string' },
  },
};
