import type { ReactNode } from 'react';
import styles from './finding.module.css';

/** A box of a search: only what is so. */
export const Only = ({
  name,
  label,
  checked,
}: {
  name: string;
  label: string;
  checked: boolean;
}): ReactNode => (
  <label className={styles['only']}>
    <input type="checkbox" name={name} value="1" defaultChecked={checked} />
    <span>{label}</span>
  </label>
);
