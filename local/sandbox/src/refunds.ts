import { fraction } from './currencies.ts';
import { type Decision, type Intent, NOTHING, type Refund } from './domain.ts';
import { type ApiError, invalidRequest } from './errors.ts';

/** Milliseconds until a slow refund settles. */
const SETTLING = 2000;

export interface RefundRequest {
  id: string;
  key: string;
  amount?: number | undefined;
  metadata: Record<string, string>;
  now: number;
}

export const refund =
  ({ id, key, amount, metadata, now }: RefundRequest) =>
  (intent: Intent): Decision | ApiError => {
    if (intent.refunds.some((made) => made.key === key)) return NOTHING;
    const paid = intent.charges.find(({ status }) => status === 'succeeded');
    if (!paid)
      return invalidRequest(
        400,
        `This PaymentIntent (${intent._id}) does not have a successful charge to refund.`,
      );
    if (intent.disputes?.some(({ status }) => status === 'needs_response' || status === 'lost'))
      return invalidRequest(400, `Charge ${paid.id} has been charged back; cannot issue a refund.`, {
        code: 'charge_disputed',
      });
    const left = paid.amount - refunded(intent);
    if (left === 0)
      return invalidRequest(400, `Charge ${paid.id} has already been refunded.`, {
        code: 'charge_already_refunded',
      });
    if (amount !== undefined && amount > left)
      return invalidRequest(
        400,
        `Refund amount is greater than the unrefunded amount on the charge (${left}).`,
        {
          param: 'amount',
        },
      );
    const odd = amount === undefined ? undefined : fraction(amount, intent.currency);
    if (odd) return odd;
    const { refund: ends } = paid.card;
    const made: Refund = {
      id,
      charge: paid.id,
      created: now,
      amount: amount ?? left,
      status: ends === 'succeeds-later' ? 'pending' : 'succeeded',
      metadata,
      key,
      ...(ends
        ? { settlesAt: now + SETTLING, settlesAs: ends === 'fails-later' ? 'failed' : 'succeeded' }
        : {}),
    };
    return { change: { refunds: [...intent.refunds, made] }, events: ['refund.created', 'charge.refunded'] };
  };

/** A slow refund reaches the bank, or is sent back by it. */
export const settle =
  (now: number) =>
  (intent: Intent): Decision => {
    const due = ({ settlesAt }: Refund) => settlesAt !== undefined && settlesAt <= now;
    if (!intent.refunds.some(due)) return NOTHING;
    const refunds = intent.refunds.map((made) => {
      if (!due(made)) return made;
      const { settlesAt: _, settlesAs = 'succeeded', ...rest } = made;
      return { ...rest, status: settlesAs, ...(settlesAs === 'failed' && { failedAt: now }) };
    });
    const failed = intent.refunds.some((made) => due(made) && made.settlesAs === 'failed');
    return { change: { refunds }, events: ['refund.updated', ...(failed ? ['refund.failed'] : [])] };
  };

export const refunded = ({ refunds }: Intent): number =>
  refunds.reduce((sum, { amount, status }) => (status === 'failed' ? sum : sum + amount), 0);
