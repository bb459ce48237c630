import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { Claim } from '../../admissions/claim.tsx';
import { Page } from '../../ui/parts.tsx';
import ui from '../../ui/ui.module.css';

export const metadata: Metadata = { title: 'A ticket for you' };

export default function ClaimPage(): ReactNode {
  return (
    <Page narrow>
      <div className={ui['head']}>
        <h1>A ticket for you</h1>
      </div>
      <Claim />
    </Page>
  );
}
