import type { z } from 'zod';
import type { OrderState } from '@ticketing/common/contracts/order';
import type { PaymentState } from '@ticketing/common/contracts/payment';
import type { TicketState } from '@ticketing/common/contracts/ticket';

// The contracts as JSON has them: only their types come here, so the pages carry no schema.

export type Ticket = Omit<z.input<typeof TicketState>, 'deletedAt'> & {
  status: 'available' | 'reserved' | 'sold';
  /** In a stream: the ticket was withdrawn. */
  deleted?: true;
};
export type Order = z.input<typeof OrderState> & {
  /** What people read out; the API takes it for the id. */
  number?: string;
  /** Until when the buyer of a paid order may undo it. */
  cancellableUntil?: string;
};
export type Payment = Omit<z.input<typeof PaymentState>, 'userId'> & {
  /** While the buyer's bank wants to hear from the buyer. */
  clientSecret?: string;
};

interface Earned {
  currency: string;
  /** All that is paid and not given back, in minor units. */
  earned: number;
  sold: number;
  /** What was given back, in minor units. */
  refunded: number;
  /** Those on which something was sold, in the zone that was asked for. */
  days: readonly { date: string; amount: number; sold: number }[];
}

export interface Earnings extends Earned {
  /** The same in each other currency; a release before did not tell. */
  others?: readonly Earned[];
}

export interface SessionInfo {
  id: string;
  device: string;
  createdAt: string;
  lastUsedAt: string;
  current: boolean;
  /** Two at two places used it, lastly then. */
  shared?: { devices: string[]; at: string };
}
