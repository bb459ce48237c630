import type { Order, Payment } from '../api/types.ts';
import { isolated, money } from '../ui/format.ts';
import type { Tone } from '../ui/parts.tsx';

type Money = Pick<
  Order,
  'status' | 'reason' | 'total' | 'currency' | 'refundedAmount' | 'refundedElsewhere' | 'refund' | 'dispute'
> & {
  returned?: readonly Pick<NonNullable<Order['returned']>[number], 'back'>[] | undefined;
};

/** What stands as given back; orders from before amounts were kept were given back whole. */
export const returned = ({ status, total, refundedAmount }: Money): number =>
  refundedAmount ?? (status === 'refunded' ? total : 0);

/** What of the price is not back yet, and what comes next: sentences for the buyer and the seller alike. */
export function moneyBack(order: Money, owed: boolean): { text: string; tone: Tone }[] {
  const { status, total, currency, refundedElsewhere = 0, refund, dispute } = order;
  const say = (amount: number) => money(amount, currency);
  const back = returned(order);
  const byBank = dispute?.status === 'lost' ? dispute.amount : 0;
  const told: { text: string; tone: Tone }[] = [];
  if (back > byBank) told.push({ text: `${say(back - byBank)} went back to the card.`, tone: 'good' });
  if (refundedElsewhere > 0)
    told.push({
      text: `${refundedElsewhere < back - byBank ? `${say(refundedElsewhere)} of it` : 'It'} was given back by the seller\u2019s side at the payment provider.`,
      tone: 'plain',
    });
  if (byBank > 0) told.push({ text: `The bank gave ${say(byBank)} back after a dispute.`, tone: 'plain' });
  if (dispute?.status === 'won')
    told.push({ text: 'The bank has decided a dispute of this payment for the seller.', tone: 'plain' });
  if (dispute?.status === 'open')
    return [
      ...told,
      {
        text: `The bank was asked to take ${say(dispute.amount)} back. Until it decides, the order stays as it is.`,
        tone: 'warn',
      },
    ];
  const { reason, returned: left = [] } = order;
  const due = left.reduce((sum, one) => sum + one.back, 0);
  const stands = status === 'complete' || reason === 'returned';
  const closed = refund?.closed ?? 0;
  if (closed > 0)
    told.push({
      text: `${say(closed)} could not be given back. ${isolated(refund?.note ?? '')}`,
      tone: 'warn',
    });
  const missing = (stands ? due : total) - back - closed;
  if ((stands && missing <= 0) || (status !== 'cancelled' && !stands) || !owed) return told;
  const failed = refund?.status === 'failed' || refund?.status === 'closed';
  const rest = say(failed ? refund.amount : missing);
  switch (refund?.status) {
    case 'failed':
      return [
        ...told,
        {
          text: `The refund of ${rest} did not go through. We know, and somebody looks into it; you will see here what comes of it.`,
          tone: 'bad',
        },
      ];
    case 'closed':
      return [
        ...told,
        { text: `The refund of ${rest} could not be made. ${isolated(refund.note ?? '')}`, tone: 'warn' },
      ];
    case 'pending':
    case 'succeeded':
    case undefined:
      return [...told, { text: `${rest} is on its way back to the card.`, tone: 'plain' }];
  }
}

/** Whether something was paid, and would go back. */
export const isOwed = (payments: readonly Pick<Payment, 'status'>[]): boolean =>
  payments.some(({ status }) => status === 'succeeded');
