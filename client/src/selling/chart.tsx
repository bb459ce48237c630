'use client';

import { decimalsOf } from '@ticketing/common/currency';
import { type ReactNode, useState } from 'react';
import { useMinute } from '../api/clock.ts';
import type { Earnings } from '../api/types.ts';
import { dateIn, LOCALE, money } from '../ui/format.ts';
import ui from '../ui/ui.module.css';
import styles from './chart.module.css';

const HEIGHT = 120;
const STEP = 20;
const DAYS = 30;
const DAY = 86_400_000;

/** What a day of the calendar is called, wherever it is. */
const dayOf = (date: string) =>
  new Intl.DateTimeFormat(LOCALE, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(new Date(date));

/** Without cents, as a scale needs none of its round amounts. */
const onScale = (amount: number, currency: string) => money(amount, currency).replace(/\.0+$/, '');

/** The least of 1, 2 and 5 with zeros, from a dollar on, that reaches so far. */
function scaleOf(most: number, currency: string): number {
  const power = 10 ** Math.max(1, decimalsOf(currency), Math.floor(Math.log10(Math.max(1, most))));
  return ([1, 2, 5].find((one) => one * power >= most) ?? 10) * power;
}

interface Props {
  earnings: Earnings;
  /** Whose days they are, and the server's clock when it counted, in milliseconds. */
  zone: string;
  at: number;
  /** What to say of the zone. */
  children: ReactNode;
}

/** Earnings by day as bars, of which one day is told, chosen by pointer or keys; and as a table, for who does not see them. */
export function Chart({ earnings, zone, at, children }: Props): ReactNode {
  const { currency, earned, sold, refunded, days: withSales, others = [] } = earnings;
  const [chosen, setChosen] = useState(DAYS - 1);
  const today = Date.parse(dateIn(zone, useMinute(at)));
  const byDate = new Map(withSales.map((day) => [day.date, day]));
  const days = Array.from({ length: DAYS }, (_, index) => {
    const date = new Date(today - (DAYS - 1 - index) * DAY).toISOString().slice(0, 10);
    return byDate.get(date) ?? { date, amount: 0, sold: 0 };
  });
  const scale = scaleOf(Math.max(...days.map(({ amount }) => amount)), currency);
  const told = ({ date, amount, sold: count }: (typeof days)[number]) =>
    `${dayOf(date)}: ${money(amount, currency)}, ${count} sold`;
  const day = days[chosen];
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
      {others.map((other) => (
        <p key={other.currency} className={ui['hint']}>
          {`Besides ${money(other.earned, other.currency)} for ${other.sold} sold; ${money(other.refunded, other.currency)} given back.`}
        </p>
      ))}
      <figure className={styles['figure']}>
        <div className={styles['amounts']} aria-hidden="true">
          {[scale, scale / 2, 0].map((amount) => (
            <span key={amount}>{onScale(amount, currency)}</span>
          ))}
        </div>
        <svg
          className={styles['chart']}
          viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {[0, HEIGHT / 2, HEIGHT].map((y) => (
            <line key={y} x1={0} x2={days.length * STEP} y1={y} y2={y} />
          ))}
          {days.map(({ date, amount }, index) => (
            <g key={date} data-chosen={index === chosen} onPointerEnter={() => setChosen(index)}>
              <rect x={index * STEP} width={STEP} height={HEIGHT} />
              {amount > 0 && (
                <rect
                  x={index * STEP + 3}
                  width={STEP - 6}
                  y={HEIGHT - Math.max(2, (amount / scale) * HEIGHT)}
                  height={Math.max(2, (amount / scale) * HEIGHT)}
                />
              )}
            </g>
          ))}
        </svg>
        <div className={styles['dates']} aria-hidden="true">
          {[0, 10, 20].map((index) => (
            <span key={index}>{dayOf(days[index]?.date ?? '')}</span>
          ))}
          <span>Today</span>
        </div>
        <figcaption className={styles['day']}>
          <label className="hidden" htmlFor="day">
            Day
          </label>
          <input
            id="day"
            type="range"
            min={0}
            max={DAYS - 1}
            value={chosen}
            aria-valuetext={day && told(day)}
            onChange={({ target }) => setChosen(Number(target.value))}
          />
          <output htmlFor="day">{day && told(day)}</output>
        </figcaption>
      </figure>
      {children}
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
