import type { z } from 'zod';
import type { AdmissionStatus } from '@ticketing/common/contracts/admission';
import type {
  CodeRule,
  EventState,
  Places,
  Pool,
  Row,
  TeamRole,
  Tier as TierState,
} from '@ticketing/common/contracts/event';
import type { OrderState } from '@ticketing/common/contracts/order';
import type { PaymentState } from '@ticketing/common/contracts/payment';
import type { TicketState } from '@ticketing/common/contracts/ticket';

// The contracts as JSON has them: only their types come here, so the pages carry no schema.

export type Ticket = Omit<z.input<typeof TicketState>, 'deletedAt'> & {
  status: 'available' | 'reserved' | 'sold';
  /** As the seller wants to be called, if they said so. */
  sellerName?: string;
  /** In a stream: the ticket was withdrawn. */
  deleted?: true;
};
/** What one seller offers together, of what was looked for. */
export interface Sale {
  /** The `saleId` of its tickets. */
  id: string;
  /** The one that comes first. */
  ticket: Ticket;
  /** Available while something is left, reserved while something may come back. */
  status: Ticket['status'];
  left: number;
  of: number;
  /** Between which prices something is left. */
  from?: number;
  to?: number;
}
export interface SalesCount {
  count: number;
  /** There are more than were counted. */
  more: boolean;
}
export type Order = z.input<typeof OrderState> & {
  /** What people read out; the API takes it for the id. */
  number?: string;
  /** Until when the buyer of a paid order may undo it. */
  cancellableUntil?: string;
  /** Whose places it holds, as it is now; not in the stream. */
  event?: Pick<
    z.input<typeof EventState>,
    | 'id'
    | 'version'
    | 'status'
    | 'title'
    | 'venue'
    | 'zone'
    | 'startsAt'
    | 'endsAt'
    | 'postponedFrom'
    | 'returns'
  >;
};
/** The right to enter an event, as who holds it sees it; amounts in minor units. */
export interface Admission {
  id: string;
  version: number;
  event: Pick<
    z.input<typeof EventState>,
    'id' | 'title' | 'status' | 'venue' | 'zone' | 'startsAt' | 'endsAt' | 'postponedFrom' | 'organizer'
  >;
  /** To who bought it. */
  orderId?: string;
  /** The name of its kind of ticket. */
  tier: string;
  seat?: Order['items'][number]['seat'];
  price: number;
  currency: string;
  /** Who will come. */
  name?: string;
  status: AdmissionStatus;
  reason?: Order['reason'] | 'blocked';
  /** Why it was blocked, in words of the team. */
  note?: string;
  /** What the door reads. */
  code?: string;
  generation: number;
  enteredAt?: string;
  /** What went back, of one that was given back. */
  back?: number;
  /** What goes back to who paid if it is given back now, and until when it can be. */
  offer?: { back: number; until: string };
  /** Since when a way to hand it on is open. */
  offered?: string;
}
/** What the stream says of one: that it changed, and whether it is still theirs. */
export interface AdmissionNews {
  id: string;
  eventId: string;
  status: AdmissionStatus | 'gone';
}
export type Payment = Omit<z.input<typeof PaymentState>, 'userId'> & {
  /** While the buyer's bank wants to hear from the buyer. */
  clientSecret?: string;
};

export type Tier = Omit<z.input<typeof TierState>, 'limit'> & {
  /** What was meant by its instants, in the zone of the venue. */
  opens?: string;
  closes?: string;
  /** Null where the tier is free and has none. */
  limit?: number | null;
};
export interface Picture {
  href: string;
  width: number;
  height: number;
}
type State = z.input<typeof EventState>;

/** As lists of events and their stream show it. */
export type EventSummary = Omit<
  State,
  'description' | 'pools' | 'marks' | 'internal' | 'tiers' | 'returns' | 'pictures'
> & {
  /** Local times at the venue. */
  starts: string;
  ends: string;
  tiers: readonly Tier[];
  returns?: { until: string; local: string; feePercent: number };
  publishedAt?: string;
  /** Smallest first. */
  pictures?: readonly Picture[];
};

type Range = Omit<z.input<typeof Places>, 'poolId'>;
export type Seats = z.input<typeof Row>;
export type EventPool = z.input<typeof Pool> & {
  marks?: readonly (Range & { mark: 'accessible' | 'companion' })[];
  /** For the team. */
  held?: readonly Range[];
};

/** An event whole; from `role` on for its team alone. */
export type EventView = EventSummary & {
  description?: string;
  pools: readonly EventPool[];
  role?: TeamRole;
  team?: readonly { userId: string; role: TeamRole }[];
  codes?: readonly Omit<z.input<typeof CodeRule>, 'hash'>[];
  links?: readonly { id: string; role: 'manager' | 'door'; expiresAt: string; uses: number; used: number }[];
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

/** How an event sells, as its team is told; amounts in minor units. */
export interface EventSales extends Earned {
  zone: string;
  /** Places that somebody is just paying. */
  held: number;
  /** What was paid at the box office. */
  elsewhere: number;
  tiers: readonly { tierId: string; sold: number; held: number; earned: number; elsewhere: number }[];
  /** What became of the orders that were placed; a release before did not tell, nor of codes. */
  orders?: { complete: number; unpaid: number; ended: number };
  codes?: readonly { codeId: string; used: number; of: number }[];
}

/** An order of places as its event's team is told; amounts in minor units. */
export interface PlacedOrder {
  id: string;
  number: string;
  status: Order['status'];
  reason?: Order['reason'];
  places: number;
  tiers: readonly { tierId: string; places: number }[];
  total: number;
  currency: string;
  paid: number;
  /** What was paid at the box office. */
  elsewhere: number;
  refunded: number;
  createdAt: string;
  /** As the account called itself then; nobody knows of old orders, and of accounts that are gone. */
  buyer?: { name?: string; email: string };
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
