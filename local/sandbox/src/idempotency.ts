import { createHash } from 'node:crypto';
import type { Db } from 'mongodb';
import { type ApiError, idempotencyError, isApiError } from './errors.ts';

export interface Answer {
  status: number;
  body: unknown;
}

interface Remembered {
  _id: string;
  fingerprint: string;
  createdAt: Date;
  answer?: Answer;
}

export const answer = (result: ApiError | object): Answer =>
  isApiError(result)
    ? { status: result.refused, body: { error: result.error } }
    : { status: 200, body: result };

/** How long answers are gathered until they are written, in milliseconds: one that a crash loses is made again. */
const GATHER = 200;
/** Answers that are at hand. */
const AT_HAND = 1000;

/** Stripe's rules: same key and request, same answer, errors included; keys are forgotten after a day. */
export const openIdempotency = async (db: Db, now: () => number) => {
  const requests = db.collection<Remembered>('requests', { writeConcern: { w: 1, journal: false } });
  await requests.createIndex({ createdAt: 1 }, { expireAfterSeconds: 24 * 3600 });
  const running = new Set<string>();
  const atHand = new Map<string, Remembered>();
  // Of a key that no process before this one knew, the database need not be asked.
  const before = new Set<number>();
  for await (const { _id } of requests.find({}, { projection: { _id: 1 } })) before.add(short(_id));
  let waiting: Remembered[] = [];
  let timer: NodeJS.Timeout | undefined;
  let written: Promise<unknown> = Promise.resolve();

  const write = async () => {
    clearTimeout(timer);
    timer = undefined;
    const made = waiting;
    waiting = [];
    if (made.length === 0) return;
    const writes = made.map((one) => ({
      replaceOne: { filter: { _id: one._id }, replacement: one, upsert: true },
    }));
    await requests.bulkWrite(writes, { ordered: false });
  };
  const flush = () => (written = written.then(write, write));
  const remember = (made: Remembered) => {
    atHand.set(made._id, made);
    for (const key of atHand.keys()) {
      if (atHand.size <= AT_HAND) break;
      atHand.delete(key);
      before.add(short(key));
    }
    waiting.push(made);
    timer ??= setTimeout(() => {
      flush().catch((error: unknown) => console.error('sandbox:', error));
    }, GATHER);
  };

  const once = async (
    key: string,
    request: unknown,
    work: () => Promise<Answer>,
  ): Promise<Answer & { replayed?: true }> => {
    if (running.has(key))
      return answer(idempotencyError(409, `There is another in-progress request using the key ${key}.`));
    running.add(key);
    try {
      const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('hex');
      const known =
        atHand.get(key) ?? (before.has(short(key)) ? await requests.findOne({ _id: key }) : undefined);
      if (known && known.fingerprint !== fingerprint)
        return answer(
          idempotencyError(
            400,
            `Keys for idempotent requests can only be used with the same parameters: ${key}`,
          ),
        );
      if (known?.answer) return { ...known.answer, replayed: true };
      // Without an answer: new, or cut short when the process died; the work itself knows its key.
      const made = await work();
      remember({ _id: key, fingerprint, createdAt: new Date(now()), answer: made });
      return made;
    } finally {
      running.delete(key);
    }
  };
  return { once, flush };
};
export type Once = Awaited<ReturnType<typeof openIdempotency>>['once'];

/** So that a day's keys take little room; two that meet cost a look. */
const short = (key: string) => createHash('sha256').update(key).digest().readUInt32BE();
