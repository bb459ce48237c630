import type { ReactNode } from 'react';
import type { Earnings } from '../api/types.ts';
import { LOCALE, money } from '../ui/format.ts';
import ui from '../ui/ui.module.css';
import styles from './selling.module.css';

const HEIGHT = 120;
const STEP = 20;

/** What a day is called, in UTC as the API counts. */
const dayOf = (date: string) =>
  new Intl.DateTimeFormat(LOCALE, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(new Date(date));

const DAYS = 30;

interface Props {
  earnings: Earnings;
  /** The server's clock when it counted, in milliseconds. */
  at: number;
}

/** Earnings by day as bars; and as a table, for who does not see them. */
export function Chart({
  earnings: { currency, earned, sold, refunded, days: withSales },
  at,
}: Props): ReactNode {
  const byDate = new Map(withSales.map((day) => [day.date, day]));
  const days = Array.from({ length: DAYS }, (_, index) => {
    const date = new Date(at - (DAYS - 1 - index) * 86_400_000).toISOString().slice(0, 10);
    return byDate.get(date) ?? { date, amount: 0, sold: 0 };
  });
  const most = Math.max(1, ...days.map(({ amount }) => amount));
  return (
    <section className={ui['panel']} aria-labelledby="earned">
      <div className={styles['totals']}>
        <div>
          <h2 id="earned">Earned</h2>
          <p className={styles['big']}>{money(earned, currency)}</p>
        </div>
        <dl>
          <div>
            <dt>Sold</dt>
            <dd>{sold}</dd>
          </div>
          <div>
            <dt>Given back</dt>
            <dd>{money(refunded, currency)}</dd>
          </div>
        </dl>
      </div>
      <figure>
        <svg
          className={styles['chart']}
          viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {days.map(({ date, amount, sold: count }, index) => (
            <rect
              key={date}
              x={index * STEP + 3}
              width={STEP - 6}
              y={HEIGHT - Math.max(2, (amount / most) * HEIGHT)}
              height={Math.max(2, (amount / most) * HEIGHT)}
              rx={3}
              data-empty={amount === 0}
            >
              <title>{`${dayOf(date)}: ${money(amount, currency)}, ${count} sold`}</title>
            </rect>
          ))}
        </svg>
        <figcaption className={styles['axis']}>
          <span>{`${DAYS} days ago`}</span>
          <span>Today</span>
        </figcaption>
      </figure>
      <table className="hidden">
        <caption>Earnings by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Earned</th>
            <th scope="col">Sold</th>
          </tr>
        </thead>
        <tbody>
          {days
            .filter(({ amount }) => amount > 0)
            .map(({ date, amount, sold: count }) => (
              <tr key={date}>
                <th scope="row">{dayOf(date)}</th>
                <td>{money(amount, currency)}</td>
                <td>{count}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
