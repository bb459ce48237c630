import { z } from 'zod';
import type { Running } from './running.ts';

/** Money that the payment provider took. */
export interface Charge {
  paymentId: string;
  refunded: boolean;
}

const Page = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      refunded: z.boolean(),
      metadata: z.object({ paymentId: z.string().optional() }),
    }),
  ),
  has_more: z.boolean(),
});

/** Everything that the sandbox charged; nothing is known of a real Stripe account here. */
export async function chargesOf({ sandboxUrl, sandboxKey }: Running): Promise<Charge[]> {
  if (sandboxUrl === undefined) return [];
  const charges: Charge[] = [];
  for (let after = ''; ;) {
    const url = `${sandboxUrl}/v1/charges?limit=100${after && `&starting_after=${after}`}`;
    const reply = await fetch(url, { headers: { authorization: `Bearer ${sandboxKey}` } });
    const { data, has_more } = Page.parse(await reply.json());
    for (const { status, refunded, metadata } of data) {
      if (status === 'succeeded' && metadata.paymentId !== undefined)
        charges.push({ paymentId: metadata.paymentId, refunded });
    }
    after = data.at(-1)?.id ?? '';
    if (!has_more) return charges;
  }
}
