import { CANVAS, drawn } from '@ticketing/common/art';
import type { ReactNode } from 'react';
import styles from './ui.module.css';

/** A small poster that belongs to a sale: tickets that are sold together look alike. */
export const Art = ({ seed }: { seed: string }): ReactNode => (
  <svg
    className={styles['art']}
    viewBox={`0 0 ${CANVAS.width} ${CANVAS.height}`}
    preserveAspectRatio="xMidYMid slice"
    aria-hidden="true"
  >
    {drawn(seed).map(({ tag: Shape, attributes }, index) => (
      <Shape key={index} {...attributes} />
    ))}
  </svg>
);
