import type { ReactNode } from 'react';
import { Gone } from '../../../admissions/gone.tsx';
import { Page } from '../../../ui/parts.tsx';

export default function NoSuchTicket(): ReactNode {
  return (
    <Page narrow>
      <Gone level={1} />
    </Page>
  );
}
