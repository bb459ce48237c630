'use client';

import { type RefObject, useEffect, useEffectEvent, useLayoutEffect, useState } from 'react';

/** Which items of a grid are rendered, and how much room those before and after them take, in pixels. */
export interface Shown {
  start: number;
  end: number;
  before: number;
  after: number;
}

/** Rows that are rendered beyond the window, on either side. */
const SPARE = 4;

/**
 * The part of a grid of equally high items that is in or near the browser's window. The grid stays a grid: what is
 * left out is room at its beginning and its end, so the scroll bar and the browser's own way back stay right.
 */
export function useShown(grid: RefObject<HTMLElement | null>, count: number, initial: Shown): Shown {
  const [shown, setShown] = useState(initial);
  // Before the paint, as an item that left the list may have been among those shown.
  useLayoutEffect(() => {
    const look = () => {
      const next = measure(grid.current, count);
      if (next) setShown((now) => (same(now, next) ? now : next));
    };
    look();
    let frame = 0;
    const soon = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        look();
      });
    };
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, [grid, count]);
  return shown;
}

const same = (a: Shown, b: Shown) =>
  a.start === b.start && a.end === b.end && a.before === b.before && a.after === b.after;

function measure(grid: HTMLElement | null, count: number): Shown | undefined {
  if (!grid) return undefined;
  const item = grid.firstElementChild;
  // The list was empty so far: there is nothing to measure by.
  if (!item) return { start: 0, end: count, before: 0, after: 0 };
  const style = getComputedStyle(grid);
  const columns = style.gridTemplateColumns.split(' ').length;
  const height = item.getBoundingClientRect().height + Number.parseFloat(style.rowGap);
  const rows = Math.ceil(count / columns);
  const top = -grid.getBoundingClientRect().top;
  const clamp = (row: number) => Math.min(rows, Math.max(0, row));
  const first = clamp(Math.floor(top / height) - SPARE);
  const last = Math.max(clamp(first + 1), clamp(Math.ceil((top + innerHeight) / height) + SPARE));
  return {
    start: Math.min(first, rows - 1) * columns,
    end: Math.min(count, last * columns),
    before: Math.min(first, rows - 1) * height,
    after: (rows - last) * height,
  };
}

/** Calls back while the end of the page is near: once for each state of the `items` before it. */
export function useEndReached(
  end: RefObject<HTMLElement | null>,
  items: readonly unknown[],
  reached: () => void,
): void {
  const near = useEffectEvent(reached);
  useEffect(() => {
    if (!end.current) return;
    // A new observer says at once where its target is.
    const observer = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && near(), {
      rootMargin: '1200px',
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [end, items]);
}
