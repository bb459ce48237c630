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
import { isolated } from '../ui/format.ts';
import ui from '../ui/ui.module.css';
import {
  type Mark,
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
  pool: Pick<EventPool, 'blocks' | 'capacity' | 'marks'>;
  title: string;
  /** A letter for each seat, and what each means. */
  states: string;
  meanings: Partial<Record<State, string>>;
  /** What else is said of a seat: before what it is. */
  say?(place: number): string | undefined;
  /** `on`: all from the last one to this are meant. */
  onChoose(place: number, on: boolean): void;
  children?: ReactNode;
}

/**
 * The plan of a hall, of which each seat can be chosen. It is one stop of the tab key (ARIA's grid, of which only the seat that
 * the keys are at is an element): arrows, Home and End, Page Up and Down lead through it. All seats of a row that look alike are
 * one shape, and a row is drawn again only when one of them changes.
 */
export function HallPlan({ pool, title, states, meanings, say, onChoose, children }: Props): ReactNode {
  const id = useId();
  const plan = useMemo(() => planOf(pool), [pool]);
  const marks = useMemo(() => marksOf(pool), [pool]);
  const [size, setSize] = useState<number>(USUAL);
  const [at, setActive] = useState(0);
  const [pointed, setPointed] = useState<number>();
  const drawing = useRef<SVGSVGElement>(null);
  const ring = useRef<SVGRectElement>(null);
  // There may be fewer than there were.
  const active = Math.min(at, Math.max(0, pool.capacity - 1));

  const textOf = (place: number) =>
    [
      seatText(seatCalled(plan, place)),
      say?.(place),
      meanings[states[place] as State]?.toLowerCase(),
      { a: 'accessible', m: 'for a companion' }[marks[place] ?? ''],
    ]
      .filter(Boolean)
      .join(', ');

  const keyed = useRef(false);
  useLayoutEffect(() => {
    if (keyed.current) ring.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    keyed.current = false;
  }, [active]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isChoice = event.key === 'Enter' || event.key === ' ';
    const to = movedBy(event.key, plan, active);
    if (isChoice) onChoose(active, event.shiftKey);
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
        <h3 id={id}>{title}</h3>
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
      {children}
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
            onChoose(place, event.shiftKey);
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
      <Legend meanings={meanings} marked={/[am]/.test(marks)} />
    </section>
  );
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

const MARKS = [
  ['Accessible', 'f', 'a'],
  ['For a companion', 'f', 'm'],
] as const;

/** What the shapes mean; the round and the pointed ones where there are any. */
const Legend = ({ meanings, marked }: Pick<Props, 'meanings'> & { marked: boolean }): ReactNode => (
  <ul className={styles['legend']}>
    {[
      ...Object.entries(meanings).map(([state, text]) => [text, state, '-' satisfies Mark] as const),
      ...(marked ? MARKS : []),
    ].map(([text, state, mark]) => (
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
