import { z } from 'zod';
import { defineEvent, Id, Instant, Version } from './event.ts';
import { Money } from './money.ts';
import { MoneyBack } from './payment.ts';

export const OrderStatus = z.enum(['created', 'awaiting:payment', 'complete', 'cancelled', 'refunded']);
export type OrderStatus = z.infer<typeof OrderStatus>;

/** The states in which an order holds its tickets. */
export const LIVE = ['created', 'awaiting:payment', 'complete'] as const satisfies readonly OrderStatus[];
export const isLive = (status: OrderStatus): boolean => (LIVE as readonly OrderStatus[]).includes(status);

export const CancelReason = z.enum(['buyer', 'seller', 'admin', 'expired', 'ticket-withdrawn']);
export type CancelReason = z.infer<typeof CancelReason>;

export const OrderItem = z.object({
  ticketId: Id,
  ticketVersion: Version,
  title: z.string(),
  price: Money,
  sellerId: Id,
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

export const OrderCreated = defineEvent('order:created', OrderState);
export const OrderUpdated = defineEvent('order:updated', OrderState);
export const OrderCancelled = defineEvent('order:cancelled', OrderState);
export const OrderCompleted = defineEvent('order:completed', OrderState);

/** For those to whom any change of an order is news: each carries its whole state. */
export const ORDER_EVENTS = [OrderCreated, OrderUpdated, OrderCancelled, OrderCompleted] as const;
