import type { CloudEvent } from './contracts/message.ts';
import type { Doc, Store } from './store.ts';

const PAGE = 1000;

/**
 * For one release: the one before kept the messages themselves in a document, in `outbox`. Publishes what that release left
 * there, or its processes still put there during an upgrade; resolves with how many. This file goes with its call in
 * `outbox.ts`, the field and the index in `record.ts` (`outbox.time_1` goes into each model's `former`), and the mentions of
 * `outbox` in `orders` and `operations`.
 */
export async function publishFormer(
  store: Store<Doc>,
  before: Date,
  send: (event: CloudEvent) => Promise<boolean>,
): Promise<number> {
  const time = before.toISOString();
  let caught = 0;
  for (;;) {
    const waiting = (await store.find(
      { 'outbox.time': { $lt: time } },
      { sort: { 'outbox.time': 1 }, limit: PAGE, readConcern: 'majority' },
    )) as (Doc & { outbox: CloudEvent[] })[];
    const sent: string[] = [];
    const old = waiting.flatMap(({ outbox }) => outbox.filter((event) => event.time < time));
    await Promise.all(old.map(async (event) => (await send(event)) && sent.push(event.id)));
    if (sent.length === 0) return caught;
    caught += sent.length;
    await store.updateMany(
      { _id: { $in: waiting.map(({ _id }) => _id) } },
      { $pull: { outbox: { id: { $in: sent } } } },
    );
  }
}
