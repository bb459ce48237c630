'use client';

import { type ReactNode, useEffect, useState } from 'react';
import styles from './ui.module.css';

const SAID = 'said';

/** Tells the visitor, a screen reader too, what just happened. */
export const say = (text: string): void => {
  dispatchEvent(new CustomEvent(SAID, { detail: text }));
};

/** Where it is shown, for six seconds. */
export function Status(): ReactNode {
  const [text, setText] = useState('');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const hear = (event: Event) => {
      setText((event as CustomEvent<string>).detail);
      clearTimeout(timer);
      timer = setTimeout(() => setText(''), 6000);
    };
    addEventListener(SAID, hear);
    return () => {
      clearTimeout(timer);
      removeEventListener(SAID, hear);
    };
  }, []);
  return (
    <p role="status" className={styles.status}>
      {text}
    </p>
  );
}
