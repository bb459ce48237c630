'use client';

import { type ReactNode, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import ui from '../ui/ui.module.css';
import { type Difference, labelOf, saying, type undone } from './differences.ts';
import type { Draft } from './draft.ts';
import styles from './organize.module.css';

interface Props {
  differences: ReturnType<typeof undone>;
  draft: Draft;
  onClose(): void;
  /** Of which things the others' is taken. */
  onSettle(theirs: Difference[]): void;
}

/** Two have changed an event: the second sees what the first did, and says of each thing whose it shall be. */
export function Meeting({ differences, draft, onClose, onSettle }: Props): ReactNode {
  // What one has not touched oneself is as the other has it, unless one says otherwise.
  const [theirs, setTheirs] = useState<ReadonlySet<number>>(
    () => new Set(differences.flatMap(({ both }, at) => (both ? [] : [at]))),
  );
  const choose = (at: number, take: boolean) =>
    setTheirs((before) => new Set(take ? [...before, at] : [...before].filter((one) => one !== at)));
  return (
    <Dialog title="Somebody else has changed this event" onClose={onClose}>
      <p>Say what is to stand. Nothing of yours is saved yet, and nothing is lost.</p>
      {differences.map((one, at) => {
        const label = labelOf(one, draft);
        return (
          <fieldset key={one.path.join('/')} className={styles['group']}>
            <legend>{label}</legend>
            {(['theirs', 'mine'] as const).map((whose) => (
              <label key={whose} className={ui['check']}>
                <input
                  type="radio"
                  name={`whose-${at}`}
                  checked={theirs.has(at) === (whose === 'theirs')}
                  onChange={() => choose(at, whose === 'theirs')}
                />
                <span>
                  <span>{whose === 'theirs' ? 'Theirs: ' : 'Yours: '}</span>
                  <bdi className={styles['said']}>{saying(one[whose])}</bdi>
                </span>
              </label>
            ))}
          </fieldset>
        );
      })}
      <div className={ui['row']}>
        <Button onClick={() => onSettle(differences.filter((_, at) => theirs.has(at)))}>
          Save like this
        </Button>
        <Button quiet onClick={onClose}>
          Not now
        </Button>
      </div>
    </Dialog>
  );
}
