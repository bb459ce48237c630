'use client';

import {
  type KeyboardEvent,
  memo,
  type MouseEvent,
  type ReactNode,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { EventPool } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { isolated, money } from '../ui/format.ts';
import { say } from '../ui/status.tsx';
import ui from '../ui/ui.module.css';
import type { Offer, Seat } from './basket.ts';
import { isGone } from './left.ts';
import {
  marksOf,
  movedBy,
  type Plan,
  planOf,
  type PlanRow,
  rowOf,
  SEAT,
  seatAtPoint,
  seatCalled,
  shapesOf,
  type State,
} from './plan.ts';
import { seatText } from './seat-text.ts';
import styles from './seats.module.css';

/** How many pixels a seat has, from far to near; 0: all of the plan is seen. */
const SIZES = [0, 12, 18, 26, 36] as const;
const USUAL = 3;
/** So many seats in a row are large enough where all of the row is seen, on a phone too. */
const NARROW = 14;

interface Props {
  pool: EventPool;
  currency: string;
  /** The tiers that its seats can be bought as. */
  offers: readonly Offer[];
  gone: Uint8Array | undefined;
  chosen: readonly Seat[];
  /** Takes a seat, or gives it back; false where there is no room for more. */
  onChoose(place: number, tierId: string): boolean;
}

/**
 * The plan of a hall, of which each seat can be chosen. It is one stop of the tab key (ARIA's grid, of which only the seat that
 * the keys are at is an element): arrows, Home and End, Page Up and Down lead through it. All seats of a row that look alike are
 * one shape, and a row is drawn again only when one of them changes.
 */
export function SeatPlan({ pool, currency, offers, gone, chosen, onChoose }: Props): ReactNode {
  const id = useId();
  const plan = useMemo(() => planOf(pool), [pool]);
  const marks = useMemo(() => marksOf(pool), [pool]);
  const [size, setSize] = useState<number>(USUAL);
  const [as, setAs] = useState('');
  const [active, setActive] = useState(0);
  const [pointed, setPointed] = useState<number>();
  const drawing = useRef<SVGSVGElement>(null);
  const ring = useRef<SVGRectElement>(null);

  const offer = offers.find(({ tier }) => tier.id === as) ?? offers[0];
  const states = useMemo(() => statesOf(pool.capacity, gone, chosen), [pool, gone, chosen]);
  const textOf = (place: number) => {
    const seat = chosen.find((one) => one.place === place);
    const bought = offers.find(({ tier }) => tier.id === seat?.tierId) ?? offer;
    const state = { f: 'free', g: 'taken', c: 'chosen' }[states[place] as State];
    return [
      seatText(seatCalled(plan, place)),
      bought && money(bought.price, currency),
      state,
      { a: 'accessible', m: 'for a companion' }[marks[place] ?? ''],
    ]
      .filter(Boolean)
      .join(', ');
  };

  const choose = (place: number) => {
    if (!offer || states[place] === 'g') return;
    if (!onChoose(place, offer.tier.id)) say('No more can be chosen.');
  };
  const keyed = useRef(false);
  useLayoutEffect(() => {
    if (keyed.current) ring.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    keyed.current = false;
  }, [active]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isChoice = event.key === 'Enter' || event.key === ' ';
    const to = movedBy(event.key, plan, active);
    if (isChoice) choose(active);
    else if (to !== undefined) setActive(to);
    else return;
    keyed.current = true;
    event.preventDefault();
  };
  const placeAt = ({ clientX, clientY }: MouseEvent) => {
    const box = drawing.current?.getBoundingClientRect();
    if (!box) return undefined;
    const scale = plan.width / box.width;
    return seatAtPoint(plan, (clientX - box.left) * scale, (clientY - box.top) * scale);
  };

  const row = rowOf(plan, active);
  const pixels = SIZES[size] ?? 0;
  return (
    <section className={styles['plan']} aria-labelledby={id}>
      <div className={ui['row']}>
        <h3 id={id}>Choose seats</h3>
        <div role="group" aria-label="Size of the plan" className={styles['sizes']}>
          <Button quiet small aria-label="Farther" onClick={() => setSize(Math.max(0, size - 1))}>
            −
          </Button>
          <Button
            quiet
            small
            aria-label="Nearer"
            onClick={() => setSize(Math.min(SIZES.length - 1, size + 1))}
          >
            +
          </Button>
          <Button quiet small onClick={() => setSize(0)}>
            Show all
          </Button>
        </div>
      </div>
      {offers.length > 1 && (
        <label className={ui['row']}>
          <span>Seats are bought as</span>
          <select value={offer?.tier.id} onChange={({ target }) => setAs(target.value)}>
            {offers.map(({ tier, price }) => (
              <option key={tier.id} value={tier.id}>
                {`${tier.name}, ${money(price, currency)}`}
              </option>
            ))}
          </select>
        </label>
      )}
      <div
        className={styles['grid']}
        role="grid"
        tabIndex={0}
        aria-labelledby={id}
        aria-multiselectable
        aria-rowcount={plan.rows.length}
        aria-colcount={plan.columns}
        aria-activedescendant={`${id}-${active}`}
        onKeyDown={onKeyDown}
      >
        <div role="row" aria-rowindex={(row?.nth ?? 0) + 1} className="hidden">
          <span
            key={active}
            id={`${id}-${active}`}
            role="gridcell"
            aria-colindex={active - (row?.start ?? 0) + 1}
            aria-selected={states[active] === 'c'}
            aria-disabled={states[active] === 'g'}
          >
            {textOf(active)}
          </span>
        </div>
        <svg
          ref={drawing}
          aria-hidden="true"
          data-fits={size === USUAL && plan.columns <= NARROW}
          viewBox={`0 0 ${plan.width} ${plan.height}`}
          width={pixels === 0 ? '100%' : (plan.width / SEAT) * pixels}
          height={pixels === 0 ? undefined : (plan.height / SEAT) * pixels}
          onClick={(event) => {
            const place = placeAt(event);
            if (place === undefined) return;
            setActive(place);
            choose(place);
          }}
          onPointerMove={(event) => setPointed(placeAt(event))}
          onPointerLeave={() => setPointed(undefined)}
        >
          <Headings plan={plan} />
          {plan.rows.map((one) => (
            <Row
              key={one.nth}
              row={one}
              states={states.slice(one.start, one.start + one.count)}
              marks={marks.slice(one.start, one.start + one.count)}
            />
          ))}
          {row && (
            <rect
              ref={ring}
              className={styles['ring']}
              x={row.x + (active - row.start) * SEAT}
              y={row.y}
              width={SEAT}
              height={SEAT}
              rx={2}
            />
          )}
        </svg>
      </div>
      <p className={styles['pointed']} aria-hidden="true">
        {textOf(pointed ?? active)}
      </p>
      <Legend marked={/[am]/.test(marks)} />
    </section>
  );
}

/** A letter for each seat. */
function statesOf(capacity: number, gone: Uint8Array | undefined, chosen: readonly Seat[]): string {
  const all = Array.from({ length: capacity }, (_, place): State => (isGone(gone, place) ? 'g' : 'f'));
  for (const { place } of chosen) all[place] = 'c';
  return all.join('');
}

const Headings = memo(function Headings({ plan }: { plan: Plan }): ReactNode {
  return plan.blocks.map(({ name, y }, nth) => (
    <text key={nth} className={styles['block']} x={plan.width / 2} y={y}>
      {isolated(name)}
    </text>
  ));
});

interface RowProps {
  row: PlanRow;
  states: string;
  marks: string;
}

const Row = memo(function Row({ row, states, marks }: RowProps): ReactNode {
  const { free, gone, chosen, ticks } = shapesOf(row, states, marks);
  return (
    <g>
      <text className={styles['label']} x={row.x - 4} y={row.y + 7}>
        {isolated(row.label)}
      </text>
      <path className={styles['free']} d={free} />
      <path className={styles['gone']} d={gone} />
      <path className={styles['chosen']} d={chosen} />
      <path className={styles['ticks']} d={ticks} />
    </g>
  );
});

const SAMPLES = [
  ['Free', 'f', '-'],
  ['Taken', 'g', '-'],
  ['Chosen', 'c', '-'],
  ['Accessible', 'f', 'a'],
  ['For a companion', 'f', 'm'],
] as const;

/** What the shapes mean; the round and the pointed ones where there are any. */
const Legend = ({ marked }: { marked: boolean }): ReactNode => (
  <ul className={styles['legend']}>
    {SAMPLES.filter(([, , mark]) => marked || mark === '-').map(([text, state, mark]) => (
      <li key={text}>
        <svg viewBox={`0 0 ${SEAT} ${SEAT}`} width={18} height={18} aria-hidden="true">
          <Row row={SAMPLE} states={state} marks={mark} />
        </svg>
        <span>{text}</span>
      </li>
    ))}
  </ul>
);

const SAMPLE: PlanRow = {
  block: '',
  label: '',
  nthBlock: 0,
  nth: 0,
  start: 0,
  count: 1,
  names: undefined,
  x: 0,
  y: 0,
};
