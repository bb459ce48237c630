import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { FaultBox } from './faults.ts';
import { settle } from './refunds.ts';
import type { Store, Stored } from './store.ts';

export interface Receiver {
  url: string;
  secret: string;
  /** The types of events that it asks for, e.g. `refund.*`; all by default. */
  types?: readonly string[];
}

/** Whether a receiver asks for events of a type. */
export const wants =
  ({ types = ['*'] }: Receiver) =>
  (type: string): boolean =>
    types.some((one) => (one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : type === one));

/** Stripe's scheme: HMAC-SHA256 over `timestamp.body`. */
export const sign = (body: string, secret: string, seconds: number) =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

/** Milliseconds between looks for what is due again; new events wake it at once. */
const POLL = 500;
/** Intents that are seen to at a time. */
const AT_ONCE = 20;
const GIVE_UP = 3 * 24 * 3600_000;
const delay = (attempts: number) => Math.min(500 * 2 ** attempts, 60_000);

/** Delivers what the documents hold until the receiver has it, at least once and, as with Stripe, in no promised order. */
export const deliver = async (
  store: Store,
  receiver: Receiver | undefined,
  faults: FaultBox,
  now: () => number,
) => {
  const { intents } = store;
  const stopped = new AbortController();
  const agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };

  /** Not by `fetch`, which costs this process twice as much. */
  const post = async (body: string, { url, secret }: Receiver): Promise<boolean> => {
    try {
      const to = new URL(url);
      const { protocol } = to;
      const ask = protocol === 'https:' ? https.request : http.request;
      const sent = ask(to, {
        method: 'POST',
        agent: agents[protocol === 'https:' ? protocol : 'http:'],
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'stripe-signature': sign(body, secret, Math.floor(now() / 1000)),
        },
        signal: stopped.signal,
        timeout: 10_000,
      });
      sent.on('timeout', () => sent.destroy(new Error('no answer')));
      const answered = once(sent, 'response') as Promise<[http.IncomingMessage]>;
      sent.end(body);
      const [response] = await answered;
      response.resume();
      return (response.statusCode ?? 500) < 300;
    } catch {
      return false;
    }
  };

  /** Intents of which something is to be told, or a refund to be settled. */
  const pending = new Set<string>();
  for (const field of ['outbox.due', 'refunds.settlesAt'])
    for await (const { _id } of intents.find({ [field]: { $exists: true } }, { projection: { _id: 1 } }))
      pending.add(_id);

  const send = async (one: Stored, to: Receiver, newestFirst: boolean, hold: number): Promise<boolean> => {
    const due = one.outbox.filter((notice) => notice.due + hold <= now());
    if (newestFirst) due.reverse();
    for (const notice of due) {
      const body = one.events?.find(({ id }) => id === notice.id)?.body;
      const twice = faults.take('webhooks', '', ({ mode }) => mode === 'twice');
      const taken = body === undefined || ((await post(body, to)) && (!twice || (await post(body, to))));
      if (stopped.signal.aborted) return false;
      const again = { due: now() + delay(notice.attempts), attempts: notice.attempts + 1 };
      await store.delivered(one._id, notice, taken || now() - notice.created > GIVE_UP ? undefined : again);
    }
    return due.length > 0;
  };

  const round = async (): Promise<boolean> => {
    const off = receiver && pending.size > 0 && faults.take('webhooks', '', ({ mode }) => mode === 'off');
    const slow =
      receiver && pending.size > 0 && !off
        ? faults.take('webhooks', '', ({ mode }) => mode === 'late' || mode === 'reordered')
        : undefined;
    const busy = await Promise.all(
      [...pending].slice(0, AT_ONCE).map(async (_id) => {
        // Behind the others, so that who cannot be told holds up nobody.
        pending.delete(_id);
        pending.add(_id);
        if ((await store.find(_id))?.refunds.some(({ settlesAt = Infinity }) => settlesAt <= now()))
          await store.change({ _id }, settle(now()));
        const one = await store.find(_id);
        const sent =
          one && receiver && !off && (await send(one, receiver, slow?.mode === 'reordered', slow?.ms ?? 0));
        const left = await store.find(_id);
        const waits =
          left && (left.outbox.length > 0 || left.refunds.some(({ settlesAt }) => settlesAt !== undefined));
        if (!waits) pending.delete(_id);
        return sent ?? false;
      }),
    );
    return busy.includes(true);
  };

  let changes = 0;
  let wake = () => {};
  store.onChange((id) => {
    pending.add(id);
    changes += 1;
    wake();
  });
  const sleep = () =>
    new Promise<void>((resolve) => {
      const timer = pending.size > 0 ? setTimeout(resolve, POLL) : undefined;
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
    for (const agent of Object.values(agents)) agent.destroy();
  };
};
