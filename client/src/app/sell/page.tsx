import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { Poster, Sell } from '../../selling/sell.tsx';
import { signedIn } from '../../session/visitor.ts';
import { Page } from '../../ui/parts.tsx';
import ui from '../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Sell a ticket' };

export default async function SellPage(): Promise<ReactNode> {
  await signedIn('/sell');
  return (
    <Page narrow>
      <div className={ui['head']}>
        <h1>Sell a ticket</h1>
      </div>
      <Poster seed="sell" />
      <Sell />
    </Page>
  );
}
