import { Envelope, type CloudEvent, type MessageType, type Received } from './contracts/message.ts';
import type { z } from 'zod';
import { isRejection, type Rejection } from './rejection.ts';

type Outcome = Rejection | object | boolean | null | undefined | void;

/** What a service does about one kind of event. */
export interface Handler {
  readonly subject: string;
  handle(event: CloudEvent): Promise<Outcome>;
}

/** Reads like a table row: `on(TicketCreated, ({ data }) => replicate(Tickets, data))`. */
export const on = <S extends z.ZodObject>(
  type: MessageType<S>,
  handle: (event: Received<z.output<S>>) => Promise<Outcome>,
): Handler => ({ subject: type.subject, handle: (event) => handle(type.parse(event)) });

/** A message that is no event of ours: no later try can mend it. */
export class Unreadable extends Error {
  override name = 'Unreadable';
}

export const readEnvelope = (message: string): CloudEvent => {
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch (cause) {
    throw new Unreadable('not JSON', { cause });
  }
  const envelope = Envelope.safeParse(json);
  if (!envelope.success) throw new Unreadable(`not a CloudEvent: ${envelope.error.issues[0]?.message ?? ''}`);
  return envelope.data;
};

/** Thrown for an outcome that a later try may change, so that the event goes to the inbox. */
export class NotYet extends Error {
  override name = 'NotYet';
}

/**
 * What a handler's refusal means: the world was already so (`conflict` and the like) is success;
 * `not-found` is *not yet*, `unavailable` is *not now*: both are thrown, to be tried again.
 */
export const settle = (outcome: Outcome): 'done' | 'already' => {
  if (!isRejection(outcome)) return 'done';
  if (outcome.code === 'not-found' || outcome.code === 'unavailable') throw new NotYet(outcome.message);
  return 'already';
};
