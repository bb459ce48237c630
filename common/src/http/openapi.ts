import { Router } from 'express';
import { z } from 'zod';
import { cookieNames } from './cookies.ts';
import type { Documented, RouteSpec } from './route.ts';

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
    info: { title: `Ticketing: ${name}`, version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: [{ name }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: cookieNames(secure).session },
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
      schemas: { Problem: PROBLEM },
      responses: {
        Problem: {
          description: 'Refused',
          content: { 'application/problem+json': { schema: ref('Problem') } },
        },
      },
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
  responses: {
    ...Object.fromEntries(
      Object.entries(spec.replies).map(([status, reply]) => [
        status,
        response(reply, 'cursor' in (spec.query?.shape ?? {}), spec.replyHeaders),
      ]),
    ),
    default: { $ref: '#/components/responses/Problem' },
  },
});

const response = (
  reply: z.ZodType | 'nothing' | 'stream',
  paged: boolean,
  own: RouteSpec['replyHeaders'] = {},
): Json => {
  if (reply === 'nothing') return { description: 'Done' };
  if (reply === 'stream')
    return { description: 'Events', content: { 'text/event-stream': { schema: { type: 'string' } } } };
  const body = wire(reply);
  const headers = {
    ...Object.fromEntries(Object.entries(own).map(([name, meaning]) => [name, header(meaning)])),
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
