'use client';

import type { ReactNode } from 'react';
import './globals.css';
import { Empty } from '../ui/parts.tsx';

/** When not even what stands around a page could be made. */
export default function Broken(): ReactNode {
  return (
    <html lang="en">
      <body>
        <title>Ticketing</title>
        <Empty title="This did not work" level={1}>
          <p>Nothing of yours is lost. Please reload the page in a moment.</p>
        </Empty>
      </body>
    </html>
  );
}
