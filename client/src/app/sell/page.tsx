import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { ask } from '../../api/server.ts';
import type { Ticket } from '../../api/types.ts';
import { config } from '../../config.ts';
import { Poster } from '../../selling/poster.tsx';
import { Sell } from '../../selling/sell.tsx';
import { signedIn } from '../../session/visitor.ts';
import { Page } from '../../ui/parts.tsx';
import ui from '../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Sell a ticket' };

interface Props {
  searchParams: Promise<{ beside?: string | string[] }>;
}

export default async function SellPage({ searchParams }: Props): Promise<ReactNode> {
  const { beside: named } = await searchParams;
  const query = typeof named === 'string' ? `?beside=${encodeURIComponent(named)}` : '';
  const { id } = await signedIn(`/sell${query}`);
  const found = typeof named === 'string' && (await ask<Ticket>(`/api/tickets/${encodeURIComponent(named)}`));
  const beside = found && found.ok && found.body.sellerId === id ? found.body : undefined;
  const before = await ask<Ticket[]>(`/api/tickets?sellerId=${id}&limit=50`);
  const currency = beside?.currency ?? config().CURRENCY;
  const alike = before.ok ? before.body.filter((ticket) => ticket.currency === currency) : [];
  const usual = alike.length > 0 ? Math.max(...alike.map(({ price }) => price)) : undefined;
  return (
    <Page narrow>
      <div className={ui['head']}>
        <h1>{beside ? 'Add seats beside it' : 'Sell a ticket'}</h1>
      </div>
      <Poster seed={beside?.saleId ?? 'sell'} />
      <Sell key={beside?.id} currency={currency} usual={usual} beside={beside} />
    </Page>
  );
}
