import { z } from 'zod';
import { defineMessage, Id, Instant, Version } from './message.ts';
import { Money } from './money.ts';
import { MoneyBack } from './payment.ts';

export const OrderStatus = z.enum(['created', 'awaiting:payment', 'complete', 'cancelled', 'refunded']);
export type OrderStatus = z.infer<typeof OrderStatus>;

/** The states in which an order holds its tickets. */
export const LIVE = ['created', 'awaiting:payment', 'complete'] as const satisfies readonly OrderStatus[];
export const isLive = (status: OrderStatus): boolean => (LIVE as readonly OrderStatus[]).includes(status);

export const CancelReason = z.enum([
  'buyer',
  'seller',
  'admin',
  'expired',
  'ticket-withdrawn',
  'event-cancelled',
  'returned',
]);
export type CancelReason = z.infer<typeof CancelReason>;

export const OrderItem = z.object({
  ticketId: Id,
  ticketVersion: Version,
  title: z.string(),
  price: Money,
  sellerId: Id,
  kind: z.enum(['listing', 'place']).optional().meta({ description: 'A listing when left out' }),
  /** Of a place: what it was sold as, where, and with which tax in the price, in hundredths of a percent. */
  tierId: Id.optional(),
  seat: z.object({ block: z.string(), row: z.string(), seat: z.string() }).optional(),
  taxRate: z.int().min(0).max(10_000).optional(),
  coded: z.boolean().optional().meta({ description: 'It was sold by a code' }),
});

export type OrderItem = z.infer<typeof OrderItem>;

/** What left an order while the rest of it stands. */
export const ReturnedItem = OrderItem.extend({
  back: Money.meta({ description: 'What goes back to the buyer for it' }),
  note: z.string().optional().meta({ description: 'Why, in words of who gave it back, for the buyer' }),
  at: Instant,
});
export type ReturnedItem = z.infer<typeof ReturnedItem>;

/** The whole public state of an order. */
export const OrderState = z.object({
  id: Id,
  version: Version,
  userId: Id,
  saleId: Id,
  status: OrderStatus,
  reason: CancelReason.optional(),
  items: z.array(OrderItem).min(1).meta({
    description: 'What it holds, or held when it ended',
  }),
  returned: z.array(ReturnedItem).optional().meta({
    description:
      'What left it one by one. When nothing is left the order is cancelled as `returned`, and the last of `items` stands here as well',
  }),
  total: Money.meta({ description: 'Of all that was ordered, also what left it since' }),
  currency: z.string(),
  paidElsewhere: z
    .boolean()
    .optional()
    .meta({ description: 'At the box office of its event: no payment here is of it' }),
  expiresAt: Instant,
  extended: z
    .boolean()
    .optional()
    .meta({ description: 'It ends later than it would have, for a payment in progress; that is done once' }),
  completedAt: Instant.optional().meta({
    description: 'When it was paid, which is when its tickets were sold',
  }),
  /** Over all its payments. */
  ...MoneyBack.shape,
  createdAt: Instant,
  updatedAt: Instant,
});

export type OrderState = z.output<typeof OrderState>;

export const OrderCreated = defineMessage('order:created', OrderState);
export const OrderUpdated = defineMessage('order:updated', OrderState);
export const OrderCancelled = defineMessage('order:cancelled', OrderState);
export const OrderCompleted = defineMessage('order:completed', OrderState);

/** For those to whom any change of an order is news: each carries its whole state. */
export const ORDER_MESSAGES = [OrderCreated, OrderUpdated, OrderCancelled, OrderCompleted] as const;

/**
 * What an order keeps of its total, in minor units: all while it is live, but for what goes back for what left it; nothing once it
 * is over, unless all left it one by one.
 */
export const keptOf = ({
  status,
  reason,
  total,
  returned = [],
}: {
  status: OrderStatus;
  reason?: string | undefined;
  total: number;
  returned?: readonly Pick<ReturnedItem, 'back'>[] | undefined;
}): number =>
  isLive(status) || reason === 'returned' ? returned.reduce((kept, { back }) => kept - back, total) : 0;
