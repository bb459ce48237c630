import { createHmac } from 'node:crypto';
import type { FaultBox } from './faults.ts';
import { settle } from './refunds.ts';
import type { Notice, Store, Stored } from './store.ts';

export interface Receiver {
  url: string;
  secret: string;
}

/** Stripe's scheme: HMAC-SHA256 over `timestamp.body`. */
export const sign = (body: string, secret: string, seconds: number) =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

/** Milliseconds between looks for what is due again; new events wake it at once. */
const POLL = 500;
const GIVE_UP = 3 * 24 * 3600_000;
const delay = (attempts: number) => Math.min(500 * 2 ** attempts, 60_000);

/** Delivers what the documents hold until the receiver has it, at least once and, as with Stripe, in no promised order. */
export const deliver = (
  store: Store,
  receiver: Receiver | undefined,
  faults: FaultBox,
  now: () => number,
) => {
  const { intents } = store;
  const stopped = new AbortController();

  const post = async ({ body }: Notice, { url, secret }: Receiver): Promise<boolean> => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': sign(body, secret, Math.floor(now() / 1000)),
        },
        signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(10_000)]),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  };

  const settleRefunds = async () => {
    for (const { _id } of await intents
      .find({ 'refunds.settlesAt': { $lte: now() } }, { limit: 20 })
      .toArray())
      await store.change({ _id }, settle(now()));
  };

  const send = async (one: Stored, to: Receiver, newestFirst: boolean, hold: number) => {
    const due = one.outbox.filter((notice) => notice.due + hold <= now());
    if (newestFirst) due.reverse();
    for (const notice of due) {
      const twice = faults.take('webhooks', '', ({ mode }) => mode === 'twice');
      const taken = (await post(notice, to)) && (!twice || (await post(notice, to)));
      if (stopped.signal.aborted) return;
      const mine = { _id: one._id, 'outbox.id': notice.id };
      if (taken || now() - notice.created > GIVE_UP)
        await intents.updateOne(mine, { $pull: { outbox: { id: notice.id } } });
      else
        await intents.updateOne(mine, {
          $set: { 'outbox.$.due': now() + delay(notice.attempts) },
          $inc: { 'outbox.$.attempts': 1 },
        });
    }
  };

  const round = async (): Promise<boolean> => {
    await settleRefunds();
    if (!receiver || faults.take('webhooks', '', ({ mode }) => mode === 'off')) return false;
    const slow = faults.take('webhooks', '', ({ mode }) => mode === 'late' || mode === 'reordered');
    const hold = slow?.ms ?? 0;
    const waiting = await intents.find({ 'outbox.due': { $lte: now() - hold } }, { limit: 20 }).toArray();
    await Promise.all(waiting.map((one) => send(one, receiver, slow?.mode === 'reordered', hold)));
    return waiting.length > 0;
  };

  let changes = 0;
  let wake = () => {};
  store.onChange(() => {
    changes += 1;
    wake();
  });
  const sleep = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async () => {
    while (!stopped.signal.aborted) {
      const before = changes;
      const busy = await round().catch((error: unknown) => {
        console.error('sandbox webhooks:', error);
        return false;
      });
      if (!busy && changes === before) await sleep();
    }
  };
  const running = run();

  return async () => {
    stopped.abort();
    changes += 1;
    wake();
    await running;
  };
};
