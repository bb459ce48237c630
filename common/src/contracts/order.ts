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
});

export type OrderItem = z.infer<typeof OrderItem>;

/** The whole public state of an order. */
export const OrderState = z.object({
  id: Id,
  version: Version,
  userId: Id,
  saleId: Id,
  status: OrderStatus,
  reason: CancelReason.optional(),
  items: z.array(OrderItem).min(1),
  total: Money,
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

export const OrderCreated = defineMessage('order:created', OrderState);
export const OrderUpdated = defineMessage('order:updated', OrderState);
export const OrderCancelled = defineMessage('order:cancelled', OrderState);
export const OrderCompleted = defineMessage('order:completed', OrderState);

/** For those to whom any change of an order is news: each carries its whole state. */
export const ORDER_MESSAGES = [OrderCreated, OrderUpdated, OrderCancelled, OrderCompleted] as const;
