'use client';

import { type ReactNode, useMemo } from 'react';
import styles from './admissions.module.css';
import { QUIET, squaresOf } from './qr.ts';

/** What the door reads, black on white whatever the colours of the page are. */
export function Code({ code }: { code: string }): ReactNode {
  const { path, size } = useMemo(() => squaresOf(code), [code]);
  const side = size + 2 * QUIET;
  return (
    <svg
      className={styles['code']}
      viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label="The code of this ticket"
    >
      <rect x={-QUIET} y={-QUIET} width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
