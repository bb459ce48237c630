'use client';

import type { ReactNode } from 'react';
import { api } from '../api/browser.ts';
import type { Order } from '../api/types.ts';
import { Confirm } from '../ui/dialog.tsx';

export interface PartProps {
  order: Order;
  onChange(): Promise<void>;
}

/** Ends an order, once that was asked again. */
export const Cancel = ({
  order,
  label,
  onChange,
  children,
}: PartProps & { label: string; children: ReactNode }): ReactNode => (
  <div>
    <Confirm
      quiet
      small
      label={label}
      act={async (close) => {
        const answer = await api('DELETE', `/api/orders/${order.id}`);
        if (answer.ok) {
          close();
          await onChange();
        }
        return answer;
      }}
    >
      {children}
    </Confirm>
  </div>
);
