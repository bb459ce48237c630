import { expect } from '@jest/globals';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Content {
  content?: Record<string, { schema: AnySchemaObject }>;
}
export interface Parameter {
  name: string;
  in: string;
  required: boolean;
  description?: string;
  schema: AnySchemaObject;
}
export interface Operation {
  operationId: string;
  summary: string;
  security: unknown[];
  parameters: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content & { $ref?: string; headers?: Record<string, unknown> }>;
}
export interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Content & { headers?: Record<string, unknown> }> };
}
interface Request {
  body?: unknown;
  headers?: Record<string, string>;
}

/** Objects may hold what is named and no more: an undocumented field of a reply may be one that should be hidden. */
const closed = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return typeof parts['properties'] === 'object' ? { ...parts, additionalProperties: false } : parts;
};

const isAsItIs = (body: unknown): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array;

const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));

export const operationsOf = (document: Document) =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );

/** A browser with one user's cookies, whose every reply is held against what is documented. */
export const documentedClient = (url: string, documents: readonly Document[], walked: Set<string>) => {
  const operations = documents.flatMap(operationsOf);
  const jar = new Map<string, string>();
  const find = (method: string, path: string) => {
    const matching = operations
      .filter((one) => one.method === method.toLowerCase())
      .filter((one) => new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path))
      .sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));
    if (!matching[0]) throw new Error(`${method} ${path} is not documented`);
    return matching[0].operation;
  };

  const fits = (what: string, { content }: Content, type: string, value: unknown) => {
    const schema = content?.[type]?.schema;
    if (!schema)
      throw new Error(`${what} is ${type}, documented is ${Object.keys(content ?? {}).join() || 'nothing'}`);
    const validate = ajv.compile(
      closed({ ...schema, components: documents[0]?.components }) as AnySchemaObject,
    );
    if (validate(value)) return;
    throw new Error(
      `${what} is not as documented: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)}`,
    );
  };

  return async (method: string, path: string, { body, headers = {} }: Request = {}) => {
    const operation = find(method, path.replace(/\?.*/, ''));
    const stop = new AbortController();
    const reply = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...jar].map((pair) => pair.join('=')).join('; '),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      signal: stop.signal,
      ...(body !== undefined && { body: isAsItIs(body) ? body : JSON.stringify(body) }),
    });
    for (const cookie of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const what = `${reply.status} of ${method} ${path}`;
    const type = reply.headers.get('content-type')?.replace(/;.*/, '');
    const streaming = type === 'text/event-stream';
    const isFile = type !== undefined && !streaming && !type.endsWith('json');
    const text = streaming ? '' : await reply.text();
    if (streaming) stop.abort();
    const { responses } = documents[0]!.components;
    const said = operation.responses[reply.status];
    const documented = said?.$ref === undefined ? said : responses[said.$ref.replace(/.*\//, '')];
    const granted = reply.status < 400;
    if (!documented && granted) throw new Error(`${what} is not documented`);
    const answer = documented ?? responses['Problem']!;
    const value: unknown = text === '' || streaming || isFile ? text : JSON.parse(text);
    if (type !== undefined && (streaming || isFile)) expect(answer.content).toHaveProperty([type]);
    else if (type !== undefined) fits(what, answer, type, value);
    else if (answer.content || text !== '') throw new Error(`${what} has no body, or one without a type`);
    for (const name of ['ETag', 'Deprecation', 'Sunset'])
      if (granted && reply.headers.has(name) && !documented?.headers?.[name])
        throw new Error(`${what} has an undocumented ${name}`);
    if (granted) {
      if (body instanceof Uint8Array)
        expect(operation.requestBody?.content).toHaveProperty([String(headers['content-type'])]);
      else if (body !== undefined)
        fits(`the request of ${what}`, operation.requestBody ?? {}, 'application/json', body);
      walked.add(operation.operationId);
    }
    return { status: reply.status, headers: reply.headers, body: value as never };
  };
};
