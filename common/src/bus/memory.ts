import type { Bus, Subscription } from './bus.ts';
import { limit } from '../limit.ts';

interface Member {
  deliver(message: string): Promise<void>;
}

/**
 * The bus of one process. `publish` resolves when every group's handler has acknowledged, so the publisher's outbox is
 * its durability and its redelivery; it rejects with an AggregateError when one did not, after the others were served.
 * A message without a subscriber is gone. At most `maxInFlight` handlers run for each subscription: a handler must not
 * await a publish that leads back to its own subscription, both could wait for a place for ever.
 */
export const memoryBus = ({ maxInFlight = 64 }: { maxInFlight?: number } = {}): Bus => {
  const groups = new Map<string, Map<string, Member[]>>();
  const inFlight = new Set<Promise<void>>();
  let open = true;

  const member = ({ handle }: Subscription): Member => {
    const place = limit(maxInFlight);
    const start = async (message: string) => {
      if (!open) throw new Error('The bus is closed');
      await handle(message, { redelivered: false });
    };
    return { deliver: (message) => place(() => start(message)) };
  };

  const deliver = async (subject: string, group: string, members: Member[], message: string) => {
    const next = members.shift();
    if (!next) return;
    members.push(next);
    try {
      await next.deliver(message);
    } catch (cause) {
      throw new Error(`${group} did not acknowledge ${subject}`, { cause });
    }
  };

  const publish = async (subject: string, message: string) => {
    if (!open) throw new Error('The bus is closed');
    const deliveries = [...(groups.get(subject) ?? [])].map(([group, members]) =>
      deliver(subject, group, members, message),
    );
    const refused = (await Promise.allSettled(deliveries)).filter((result) => result.status === 'rejected');
    const errors = refused.map(({ reason }) => reason as Error);
    if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join('; '));
  };

  return {
    publish(subject, message) {
      const published = publish(subject, message);
      const settled = published.then(
        () => undefined,
        () => undefined,
      );
      inFlight.add(settled);
      void settled.then(() => inFlight.delete(settled));
      return published;
    },
    subscribe(subscription) {
      const { subject, group } = subscription;
      const ofSubject = groups.get(subject) ?? new Map<string, Member[]>();
      groups.set(subject, ofSubject.set(group, [...(ofSubject.get(group) ?? []), member(subscription)]));
    },
    get connected() {
      return open;
    },
    /** Never calls: what holds the messages is the process itself. */
    onRestored() {},
    async close() {
      open = false;
      await Promise.all(inFlight);
    },
  };
};
