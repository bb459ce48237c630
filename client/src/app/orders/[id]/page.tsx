import type { Metadata } from 'next';
import { cache, type ReactNode } from 'react';
import { ask, need } from '../../../api/server.ts';
import type { Order, Payment } from '../../../api/types.ts';
import { config } from '../../../config.ts';
import { OrderView } from '../../../orders/order.tsx';
import { statusOf, titlesOf } from '../../../orders/words.ts';
import { signedIn } from '../../../session/visitor.ts';
import { Page } from '../../../ui/parts.tsx';

interface Props {
  params: Promise<{ id: string }>;
}

/** By its id, or the number that people read out. */
const orderOf = cache(async (id: string) => {
  await signedIn(`/orders/${id}`);
  return need<Order>(`/api/orders/${id}`, `/orders/${id}`);
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { body: order } = await orderOf(encodeURIComponent((await params).id));
  return { title: `${statusOf(order).label} · ${titlesOf(order)}` };
}

export default async function OrderPage({ params }: Props): Promise<ReactNode> {
  const order = await orderOf(encodeURIComponent((await params).id));
  const { id } = order.body;
  const payments = await ask<Payment[]>(`/api/payments?orderId=${id}`);
  return (
    <Page narrow>
      <OrderView
        key={id}
        first={order.body}
        payments={payments.ok ? payments.body : []}
        at={order.at}
        stripeKey={config().NEXT_PUBLIC_STRIPE_KEY}
        help={config().HELP_URL}
      />
    </Page>
  );
}
