'use client';

import { type ReactNode, useState } from 'react';
import { api, tellTabs } from '../api/browser.ts';
import { usePerson } from '../session/keeper.tsx';
import { Button } from '../ui/button.tsx';
import { ownZone } from '../ui/format.ts';
import { Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import { useHydrated } from '../ui/time.tsx';
import { ZoneOptions } from '../ui/zones.tsx';
import ui from '../ui/ui.module.css';
import styles from './zone.module.css';

/** Asks a seller whose days are meant, and proposes those of the device; the account keeps it. */
export function ZoneForm(): ReactNode {
  const person = usePerson();
  const hydrated = useHydrated();
  const [chosen, setChosen] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState('');
  const zone = chosen ?? person?.zone ?? (hydrated ? ownZone() : 'UTC');

  const save = async () => {
    setBusy(true);
    const answer = await api('PATCH', '/api/users/currentuser', { body: { zone } });
    setBusy(false);
    setRefused(answer.ok ? '' : `${answer.detail}.`);
    if (!answer.ok) return;
    say(`Your days are those of ${zone}.`);
    tellTabs('changed');
  };

  return (
    <form
      className={styles['zone']}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void save();
      }}
    >
      <Refusal why={refused} />
      <div className={ui['field']}>
        <label htmlFor="zone">Your time zone</label>
        <select
          id="zone"
          className={ui['input']}
          value={zone}
          onChange={({ target }) => setChosen(target.value)}
        >
          <ZoneOptions first={zone} />
        </select>
      </div>
      <Button type="submit" quiet busy={busy}>
        Keep this time zone
      </Button>
      <p className={ui['hint']}>What you sold is counted by its days, wherever you are.</p>
    </form>
  );
}
