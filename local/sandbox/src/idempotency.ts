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

/** Stripe's rules: same key and request, same answer, errors included; keys are forgotten after a day. */
export const openIdempotency = async (db: Db, now: () => number) => {
  const requests = db.collection<Remembered>('requests');
  await requests.createIndex({ createdAt: 1 }, { expireAfterSeconds: 24 * 3600 });
  const running = new Set<string>();

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
      const known = await requests.findOneAndUpdate(
        { _id: key },
        { $setOnInsert: { fingerprint, createdAt: new Date(now()) } },
        { upsert: true, returnDocument: 'after' },
      );
      if (known?.fingerprint !== fingerprint)
        return answer(
          idempotencyError(
            400,
            `Keys for idempotent requests can only be used with the same parameters: ${key}`,
          ),
        );
      if (known.answer) return { ...known.answer, replayed: true };
      // Without an answer: new, or cut short when the process died; the work itself knows its key.
      const made = await work();
      await requests.updateOne({ _id: key }, { $set: { answer: made } });
      return made;
    } finally {
      running.delete(key);
    }
  };
  return once;
};
export type Once = Awaited<ReturnType<typeof openIdempotency>>;
