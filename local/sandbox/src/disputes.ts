import type { Decision, Dispute, Intent } from './domain.ts';
import { type ApiError, missing } from './errors.ts';

export const isOpen = ({ status }: Dispute): boolean =>
  status === 'needs_response' || status === 'warning_needs_response';

/** The bank decides: by Stripe's evidence for tests, or because the seller accepts. */
export const decide =
  (id: string, outcome: 'won' | 'lost', now: number) =>
  (intent: Intent): Decision | ApiError => {
    const dispute = intent.disputes?.find((one) => one.id === id);
    if (!dispute) return missing('dispute', id);
    if (!isOpen(dispute)) return { change: {}, events: [] };
    const status: Dispute['status'] =
      dispute.status === 'warning_needs_response' ? 'warning_closed' : outcome;
    const disputes = (intent.disputes ?? []).map((one) =>
      one === dispute ? { ...one, status, closed: now } : one,
    );
    return {
      change: { disputes },
      events: [
        'charge.dispute.updated',
        ...(status === 'won' ? ['charge.dispute.funds_reinstated'] : []),
        'charge.dispute.closed',
      ],
    };
  };
