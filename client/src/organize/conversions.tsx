import type { ReactNode } from 'react';
import type { EventSales, EventView } from '../api/types.ts';
import ui from '../ui/ui.module.css';
import { codeText } from './code-text.ts';
import styles from './organize.module.css';

interface Props {
  event: EventView;
  sales: EventSales;
}

/** What became of the orders that were placed, and how far codes are used. */
export function Conversions({ event, sales: { orders, codes = [] } }: Props): ReactNode {
  if (!orders) return null;
  const { complete, unpaid, ended } = orders;
  const placed = complete + unpaid + ended;
  const known = (event.codes ?? []).flatMap((code, at) => {
    const use = codes.find(({ codeId }) => codeId === code.id);
    return use ? [{ ...use, name: `${at + 1}. ${codeText(code, event)}` }] : [];
  });
  return (
    <section className={ui['panel']} aria-labelledby="conversions">
      <h2 id="conversions">From reserved to paid</h2>
      <dl className={styles['counts']}>
        <Count name="Orders placed">{placed}</Count>
        <Count name="Paid or given">{complete}</Count>
        <Count name="Being paid">{unpaid}</Count>
        <Count name="Ended unpaid">{ended}</Count>
      </dl>
      {placed > 0 && (
        <meter
          className={styles['meter']}
          min={0}
          max={placed}
          value={complete}
          aria-label={`Paid or given, of ${placed}`}
        />
      )}
      {known.length > 0 && (
        <ul className={styles['lines']} aria-label="Codes">
          {known.map(({ codeId, name, used, of }) => (
            <li key={codeId}>
              <span>{name}</span>
              <span>{`${used} of ${of} used`}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const Count = ({ name, children }: { name: string; children: number }): ReactNode => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
