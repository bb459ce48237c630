import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { ask, need } from '../../../api/server.ts';
import type { Order, Payment } from '../../../api/types.ts';
import { config } from '../../../config.ts';
import { OrderView } from '../../../orders/order.tsx';
import { signedIn } from '../../../session/visitor.ts';
import { Page } from '../../../ui/parts.tsx';

export const metadata: Metadata = { title: 'Order' };

export default async function OrderPage({ params }: { params: Promise<{ id: string }> }): Promise<ReactNode> {
  const id = encodeURIComponent((await params).id);
  await signedIn(`/orders/${id}`);
  const [order, payments] = await Promise.all([
    need<Order>(`/api/orders/${id}`, `/orders/${id}`),
    ask<Payment[]>(`/api/payments?orderId=${id}`),
  ]);
  return (
    <Page narrow>
      <OrderView
        key={id}
        first={order.body}
        payments={payments.ok ? payments.body : []}
        at={order.at}
        stripeKey={config().NEXT_PUBLIC_STRIPE_KEY}
      />
    </Page>
  );
}
