import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { ask } from '../../api/server.ts';
import type { Ticket } from '../../api/types.ts';
import { Poster, Sell } from '../../selling/sell.tsx';
import { signedIn } from '../../session/visitor.ts';
import { Page } from '../../ui/parts.tsx';
import ui from '../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Sell a ticket' };

export default async function SellPage(): Promise<ReactNode> {
  const { id } = await signedIn('/sell');
  const before = await ask<Ticket[]>(`/api/tickets?sellerId=${id}&limit=50`);
  const usual = before.ok && before.body.length > 0 ? Math.max(...before.body.map(({ price }) => price)) : undefined;
  return (
    <Page narrow>
      <div className={ui['head']}>
        <h1>Sell a ticket</h1>
      </div>
      <Poster seed="sell" />
      <Sell usual={usual} />
    </Page>
  );
}
