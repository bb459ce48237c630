import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { Join } from '../../../organize/join.tsx';
import { Page } from '../../../ui/parts.tsx';
import ui from '../../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Join a team' };

export default function JoinPage(): ReactNode {
  return (
    <Page narrow>
      <div className={ui['head']}>
        <h1>Join a team</h1>
      </div>
      <Join />
    </Page>
  );
}
