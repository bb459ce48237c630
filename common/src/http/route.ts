import { setTimeout as delay } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { isRejection, reject, type Rejection } from '../rejection.ts';
import { invalid, sendProblem, sendRejection } from './problem.ts';
import { type Admission, askerOf, PENALTY } from './admission.ts';
import { GREEDY } from './door.ts';
import { type Bodies, readBody } from './bodies.ts';
import type { Caller } from './session.ts';

/** What a route takes and gives: one statement that validates, types and documents it. */
export interface RouteSpec {
  summary: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** The body as it came, for signatures over bytes. */
  raw?: boolean;
  /** The body as it came, of one of these media types: what it really is the handler looks at, as only its bytes tell. */
  file?: { field: string; types: readonly string[]; bytes: number };
  /** Comes before the others when not all can be served, and counts for no caller's share: a provider's webhooks. */
  first?: boolean;
  /** Ends what was begun: has places of its own, as many as ever when there is no time left. */
  finishing?: boolean;
  /** Success statuses with the schema of their bodies, or the media type of bytes; refusals are problem documents. */
  replies: Readonly<Record<number, z.ZodType | 'nothing' | 'stream' | Media>>;
  /** Headers that the handler adds to what succeeds, each with its meaning. */
  replyHeaders?: Readonly<Record<string, string>>;
}

export interface Media {
  media: string;
}
export const isMedia = (reply: RouteSpec['replies'][number] | undefined): reply is Media =>
  typeof reply === 'object' && 'media' in reply;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

export interface Asked<S extends RouteSpec, U> {
  user: U;
  params: Parsed<S['params']>;
  query: Parsed<S['query']>;
  headers: Parsed<S['headers']>;
  body: S['raw'] extends true ? Buffer : S['file'] extends object ? Buffer : Parsed<S['body']>;
  req: Request;
  res: Response;
}

export interface Reply {
  status: number;
  body?: unknown;
  /** The body as JSON, where it is kept so. */
  text?: Buffer;
  headers?: Record<string, string>;
}

/** `done` says that the handler answered by itself, e.g. with a stream. */
type Answer = Reply | Rejection | 'done';
type Handle<S extends RouteSpec, U> = (asked: Asked<S, U>) => Promise<Answer> | Answer;

export type Documented = RequestHandler & { spec: RouteSpec & { access: 'anyone' | 'user' } };

/** For anybody; `user` is there when somebody is signed in. */
export const anyone = <const S extends RouteSpec>(
  spec: S,
  handle: Handle<S, Caller | undefined>,
): Documented =>
  documented({ ...spec, access: 'anyone' }, (req, res) => answer(spec, handle, identified(req), req, res));

/** For users only: others get 401 before anything is read. */
export const signedIn = <const S extends RouteSpec>(spec: S, handle: Handle<S, Caller>): Documented =>
  documented({ ...spec, access: 'user' }, async (req, res) => {
    const user = identified(req);
    if (user) await answer(spec, handle, user, req, res);
    else sendRejection(res, reject('unauthorized', 'Please sign in'));
  });

const documented = (spec: Documented['spec'], handler: RequestHandler): Documented =>
  Object.assign(handler, { spec });

const identified = (req: Request) =>
  (req.app.locals['identify'] as (req: Request) => Caller | undefined)(req);

const admitted = (spec: RouteSpec, user: Caller | undefined, req: Request) => {
  const { door } = req.app.locals['admission'] as Admission;
  const [, , service = ''] = (req.route as { path: string }).path.split('/');
  return {
    door: door(service, kindOf(spec)),
    asker: spec.first ? undefined : askerOf(user, req),
  };
};

const kindOf = ({ replies, finishing, file }: RouteSpec) => {
  if (replies[200] === 'stream') return 'streams';
  if (isMedia(replies[200])) return 'files';
  if (file) return 'uploads';
  return finishing ? 'finishing' : 'requests';
};

async function answer<S extends RouteSpec, U extends Caller | undefined>(
  spec: S,
  handle: Handle<S, U>,
  user: U,
  req: Request,
  res: Response,
) {
  const { door, asker } = admitted(spec, user, req);
  const asked = door.refusal(asker) ?? (await read(spec, req, res));
  // A place is taken when the body is here: whoever sends one slowly holds none.
  const refusal = isRejection(asked) ? asked : asked && (await door.enter(asker));
  if (refusal === GREEDY) await delay(PENALTY);
  if (refusal) sendRejection(res, refusal);
  if (refusal || !asked) return;
  let stays = false;
  let finished = false;
  const leave = () => door.leave(asker, finished);
  if (res.closed) return leave(); // nobody waits for it any more
  try {
    const answered = await handle({ ...asked, user, req, res } as Asked<S, U>);
    stays = answered === 'done' && !res.closed;
    // 202 is an attempt that is still open.
    finished = answered !== 'done' && !isRejection(answered) && answered.status === 201;
    send(res, answered);
  } finally {
    if (stays) res.once('close', leave);
    else leave();
  }
}

async function read(spec: RouteSpec, req: Request, res: Response) {
  const params = spec.params?.safeParse(req.params);
  if (params?.error) return invalid('path', params.error);
  const query = spec.query?.safeParse(req.query);
  if (query?.error) return invalid('query', query.error);
  const headers = spec.headers?.safeParse(req.headers);
  if (headers?.error) return invalid('header', headers.error);
  const asked = { params: params?.data, query: query?.data, headers: headers?.data };
  if (!spec.raw && !spec.body && !spec.file) return asked;
  const sent = await received(spec, req, res);
  if (!sent || isRejection(sent)) return sent;
  if (!spec.body) return { ...asked, body: sent };
  const value = jsonIn(sent);
  if (value === NOT_JSON) return reject('invalid', 'The body is not valid JSON');
  const body = spec.body.safeParse(value);
  if (body.error) return invalid('body', body.error);
  return { ...asked, body: body.data };
}

/** Bytes, of JSON and of what is signed. */
const LIMITS = { json: 100_000, raw: 1_000_000 };

/** The body's bytes, or undefined when that was refused as what cannot be read. It is never inflated: 1 kB may be 1 MB. */
async function received(spec: RouteSpec, req: Request, res: Response) {
  const { raw, first, file } = spec;
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    res.setHeader('Accept-Encoding', 'identity');
    sendProblem(res, 415, 'Send the body as it is, not compressed', {
      errors: [{ field: 'content-encoding', message: 'must be left out, or identity' }],
    });
    return undefined;
  }
  if (file && !isAlike(req, file.types)) {
    sendProblem(res, 415, `Send the ${file.field} itself as the body`, {
      errors: [{ field: 'content-type', message: `must be ${file.types.join(' or ')}` }],
    });
    return undefined;
  }
  if (!raw && !file && !isJson(req)) {
    sendProblem(res, 415, 'Send the body as application/json in UTF-8', {
      errors: [{ field: 'content-type', message: 'must be application/json' }],
    });
    return undefined;
  }
  const rooms = req.app.locals['bodies'] as Record<'requests' | 'first' | 'files', Bodies>;
  const room = rooms[first ? 'first' : file ? 'files' : 'requests'].enter(req);
  if (isRejection(room)) return room;
  if (!file) return readBody(req, raw ? LIMITS.raw : LIMITS.json, room.grow).finally(room.leave);
  // A file is as large while it waits for its turn, and is worked on.
  if (res.closed) room.leave();
  else res.once('close', room.leave);
  return readBody(req, file.bytes, room.grow).catch((error: unknown) => {
    if ((error as { type?: string }).type !== 'entity.too.large') throw error;
    sendProblem(res, 413, 'The body is too large', {
      errors: [{ field: file.field, message: `must have at most ${file.bytes / 1_000_000} MB` }],
    });
    return undefined;
  });
}

/** Whether it says nothing of itself, or something like one of these: `image/gif` for `image/png`. */
const isAlike = (req: Request, types: readonly string[]) => {
  const type = req.headers['content-type']?.toLowerCase() ?? OCTETS;
  return type.startsWith(OCTETS) || types.some((one) => type.startsWith(one.replace(/[^/]*$/, '')));
};
const OCTETS = 'application/octet-stream';

/** Whether it says to be JSON in UTF-8, which is all that JSON has (RFC 8259, 8.1), or has no body at all. */
const isJson = (req: Request) =>
  req.is('application/json') !== false &&
  /^(utf-?8)?$/i.test(/;\s*charset="?([^";\s]*)/i.exec(req.headers['content-type'] ?? '')?.[1] ?? '');

const NOT_JSON = Symbol('not JSON');
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** An object or a list; none is an empty object. */
const jsonIn = (bytes: Buffer): unknown => {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return typeof value === 'object' && value !== null ? value : NOT_JSON;
  } catch {
    return NOT_JSON;
  }
};

const JSON_UTF8 = 'application/json; charset=utf-8';

function send(res: Response, answer: Answer) {
  if (answer === 'done') return;
  if (isRejection(answer)) {
    sendRejection(res, answer);
    return;
  }
  res.statusCode = answer.status;
  if (answer.headers) for (const name in answer.headers) res.setHeader(name, answer.headers[name] ?? '');
  if (answer.text) {
    res.setHeader('Content-Type', JSON_UTF8);
    res.end(answer.text);
    return;
  }
  if (answer.body === undefined) {
    res.end();
    return;
  }
  const version = (answer.body as { version?: unknown } | null)?.version;
  if (typeof version === 'number') res.setHeader('ETag', `"${version}"`);
  res.setHeader('Content-Type', JSON_UTF8);
  res.end(JSON.stringify(answer.body));
}

type Eventually<T> = T | Rejection | Promise<T | Rejection>;

const reply = async <T>(outcome: Eventually<T>, make: (value: T) => Reply): Promise<Reply | Rejection> => {
  const value = await outcome;
  return isRejection(value) ? value : make(value as T);
};

/** 200 with the value that a command or query resolves with, or its refusal. A numeric `version` becomes the ETag. */
export const ok = <T>(outcome: Eventually<T>) => reply(outcome, (body) => ({ status: 200, body }));

/** 201; `location` says where the new thing is. */
export const created = <T>(outcome: Eventually<T>, location: (value: T) => string) =>
  reply(outcome, (body) => ({ status: 201, body, headers: { Location: location(body) } }));

export const noContent = (outcome: Eventually<unknown>) => reply(outcome, () => ({ status: 204 }));
