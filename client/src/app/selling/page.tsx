import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { ask, need } from '../../api/server.ts';
import type { Earnings, Order, Ticket } from '../../api/types.ts';
import { Mine } from '../../selling/mine.tsx';
import { earningsPath, SALES } from '../../selling/sales.ts';
import { signedIn } from '../../session/visitor.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Page } from '../../ui/parts.tsx';
import ui from '../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Selling' };

export default async function SellingPage(): Promise<ReactNode> {
  const { id, zone } = await signedIn('/selling');
  const [tickets, earnings, sales] = await Promise.all([
    need<Ticket[]>(`/api/tickets?sellerId=${id}&limit=200`, '/selling'),
    ask<Earnings>(earningsPath(zone)),
    ask<Order[]>(SALES),
  ]);
  return (
    <Page>
      <div className={ui['head']}>
        <h1>Selling</h1>
        <LinkButton href="/sell">Sell a ticket</LinkButton>
      </div>
      <Mine
        sellerId={id}
        first={tickets.body}
        earnings={earnings.ok ? earnings : undefined}
        sales={sales.ok ? sales.body : []}
      />
    </Page>
  );
}
