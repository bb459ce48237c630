import { z } from 'zod';
import type { Running } from './running.ts';

/** Money that the payment provider took, and how much of it went back; in minor units of the currency. */
export interface Charge {
  paymentId: string;
  amount: number;
  currency: string;
  /** What stands as given back, disputes that were lost counted in; and what is on its way. */
  returned: number;
  pending: number;
}

const Taken = z.object({
  id: z.string(),
  status: z.string(),
  amount: z.int(),
  currency: z.string(),
  payment_intent: z.string().nullish(),
  metadata: z.object({ paymentId: z.string().optional() }),
});
/** A dispute has the same shape. */
const Refund = z.object({
  id: z.string(),
  amount: z.int(),
  status: z.string().nullable(),
  payment_intent: z.string().nullish(),
});

const STRIPE = 'https://api.stripe.com';

/** Everything that was charged for us, as the provider's lists tell it; without a key nothing is known. */
export async function chargesOf({ sandboxUrl = STRIPE, sandboxKey }: Running): Promise<Charge[]> {
  if (sandboxKey === undefined) return [];
  const list = <T extends z.ZodType<{ id: string }>>(kind: string, row: T) =>
    every(`${sandboxUrl}/v1/${kind}`, sandboxKey, row);
  const taken = await list('charges', Taken);
  const lost = Map.groupBy(
    (await list('disputes', Refund)).filter(({ status }) => status === 'lost'),
    (dispute) => dispute.payment_intent,
  );
  const refunds = Map.groupBy(await list('refunds', Refund), (refund) => refund.payment_intent);
  return taken.flatMap(({ status, amount, currency, payment_intent: of, metadata: { paymentId } }) => {
    if (status !== 'succeeded' || paymentId === undefined) return [];
    const sum = (...statuses: (string | null)[]) =>
      (refunds.get(of) ?? []).reduce(
        (total, refund) => (statuses.includes(refund.status) ? total + refund.amount : total),
        0,
      );
    const taken = (lost.get(of) ?? []).reduce((total, dispute) => total + dispute.amount, 0);
    const returned = Math.min(amount, sum('succeeded') + taken);
    return [{ paymentId, amount, currency, returned, pending: sum('pending', 'requires_action') }];
  });
}

/** All pages of a list. */
async function every<T extends z.ZodType<{ id: string }>>(url: string, key: string, row: T) {
  const Page = z.object({ data: z.array(row), has_more: z.boolean() });
  const all: z.output<T>[] = [];
  for (let after = ''; ;) {
    const reply = await fetch(`${url}?limit=100${after && `&starting_after=${after}`}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    if (!reply.ok) throw new Error(`The payment provider answers ${reply.status} to ${url}`);
    const { data, has_more } = Page.parse(await reply.json());
    all.push(...data);
    after = data.at(-1)?.id ?? '';
    if (!has_more) return all;
  }
}
