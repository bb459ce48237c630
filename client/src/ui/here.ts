'use client';

import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/** What the tab of the browser is called while it is shown. */
export function useTitle(text: string): void {
  useEffect(() => {
    document.title = `${text} · Ticketing`;
  }, [text]);
}

/** When `state` changes and takes away what had the focus, whoever moves by key or listens goes on at what came instead. */
export function useFocusOn(what: RefObject<HTMLElement | null>, state: string): void {
  const before = useRef(state);
  useLayoutEffect(() => {
    if (before.current === state) return;
    before.current = state;
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) what.current?.focus();
  }, [what, state]);
}
