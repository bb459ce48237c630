import { Router } from 'express';
import { z } from 'zod';
import type { Documented } from './route.ts';

type Json = Record<string, unknown>;

interface Layer {
  route?: { path: string; stack: { method: string; handle: Partial<Documented> }[] };
}

/** Every route of a router with its statement; `spec` is missing where somebody went around the kit. */
export const listRoutes = (router: Router) =>
  (router.stack as unknown as Layer[]).flatMap(({ route }) =>
    (route?.stack ?? []).map(({ method, handle }) => ({
      method,
      path: route?.path ?? '',
      spec: handle.spec,
    })),
  );

/** The OpenAPI 3.1 document of a service, from the same zod schemas that its routes validate with. */
export function openapi(name: string, router: Router, version: string): Json {
  const paths: Record<string, Json> = {};
  for (const { method, path, spec } of listRoutes(router)) {
    if (spec) (paths[path.replace(/:(\w+)/g, '{$1}')] ??= {})[method] = operation(method, path, spec);
  }
  return {
    openapi: '3.1.0',
    info: { title: `Ticketing: ${name}`, version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: [{ name }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'session' },
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
export const documentation = (name: string, router: Router, version: string): Router => {
  const document = JSON.stringify(openapi(name, router, version));
  return Router().get(`/api/${name}/openapi.json`, (_req, res) => {
    res.type('json').end(document);
  });
};

const operation = (method: string, path: string, { access, ...spec }: Documented['spec']): Json => ({
  operationId: `${method}${path.replace(/[^a-zA-Z]+(\w)?/g, (_, letter?: string) => letter?.toUpperCase() ?? '')}`,
  summary: spec.summary,
  ...(access === 'user' ? { security: [{ session: [] }, { bearer: [] }] } : { security: [] }),
  parameters: [
    ...parameters('path', spec.params),
    ...parameters('query', spec.query),
    ...parameters('header', spec.headers),
  ],
  ...(spec.body && {
    requestBody: { required: true, content: { 'application/json': { schema: schema(spec.body) } } },
  }),
  ...(spec.raw && { requestBody: { required: true, content: { 'application/json': { schema: {} } } } }),
  responses: {
    ...Object.fromEntries(Object.entries(spec.replies).map(([status, reply]) => [status, response(reply)])),
    default: { $ref: '#/components/responses/Problem' },
  },
});

const response = (reply: z.ZodType | 'nothing' | 'stream'): Json => {
  if (reply === 'nothing') return { description: 'Done' };
  if (reply === 'stream')
    return { description: 'Events', content: { 'text/event-stream': { schema: { type: 'string' } } } };
  return { description: 'Done', content: { 'application/json': { schema: schema(reply) } } };
};

const parameters = (place: string, object?: z.ZodObject): Json[] =>
  Object.entries(object?.shape ?? {}).map(([name, type]) => {
    const { description, ...rest } = schema(type as z.ZodType);
    return {
      name,
      in: place,
      required: place === 'path' || !(type as z.ZodType).safeParse(undefined).success,
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });

/** What goes over the wire, so a codec's encoded side. */
const schema = (type: z.ZodType): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' });
  return rest;
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
