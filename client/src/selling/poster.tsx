import type { ReactNode } from 'react';
import { Art } from '../ui/art.tsx';
import styles from './selling.module.css';

/** A poster beside a form; only the server draws it, as it never changes. */
export const Poster = ({ seed }: { seed: string }): ReactNode => (
  <div className={styles['poster']} aria-hidden="true">
    <Art seed={seed} />
  </div>
);
