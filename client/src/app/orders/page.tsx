import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { need } from '../../api/server.ts';
import type { Order } from '../../api/types.ts';
import { Orders } from '../../orders/list.tsx';
import { signedIn } from '../../session/visitor.ts';
import { Page } from '../../ui/parts.tsx';
import ui from '../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Your orders' };

export default async function OrdersPage(): Promise<ReactNode> {
  await signedIn('/orders');
  const orders = await need<Order[]>('/api/orders', '/orders');
  return (
    <Page>
      <div className={ui['head']}>
        <h1>Your orders</h1>
      </div>
      <Orders first={orders.body} next={orders.next} at={orders.at} />
    </Page>
  );
}
