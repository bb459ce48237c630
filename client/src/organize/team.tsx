'use client';

import { type ReactNode, useState } from 'react';
import { api } from '../api/browser.ts';
import type { EventView } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { useGo } from '../ui/go.ts';
import { Refusal } from '../ui/parts.tsx';
import { Secret } from '../ui/secret.tsx';
import { say } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { readAgain } from './again.ts';
import styles from './organize.module.css';

const ROLES = { owner: 'Owner', manager: 'Manager', door: 'At the door' } as const;
const NAMES = { role: 'The role', hours: 'The hours', uses: 'The number' };

interface Props {
  event: EventView;
  me: string;
  onChange(now: EventView): void;
}

/** Who makes an event, and links that let others in. */
export function Team({ event, me, onChange }: Props): ReactNode {
  const { team = [], links = [], role } = event;
  const { go } = useGo();
  const [opened, setOpened] = useState<string>();
  const [refused, setRefused] = useState<string>();
  const path = `/api/events/${event.id}`;
  const read = () => readAgain(event.id, onChange);
  const form = useForm(NAMES, async ({ role: as, hours, uses }) => {
    const body = { role: as, hours: Number(hours), uses: Number(uses) };
    const answer = await api<{ token: string }>('POST', `${path}/team/links`, { body });
    if (!answer.ok) return answer;
    // Behind the #: no server gets it, and no log.
    setOpened(`${location.origin}/organize/join#${answer.body.token}`);
    await read();
    return answer;
  });
  const close = async (id: string) => {
    const answer = await api('DELETE', `${path}/team/links/${id}`);
    setRefused(answer.ok ? undefined : `${answer.detail}.`);
    if (!answer.ok) return;
    setOpened(undefined);
    await read();
    say('The link is closed.');
  };
  const leave = (userId: string) => async (shut: () => void) => {
    const answer = await api('DELETE', `${path}/team/${userId}`);
    if (answer.ok) {
      shut();
      if (userId === me) go('/organize', 'replace');
      else await read();
    }
    return answer;
  };
  return (
    <section className={ui['panel']} aria-labelledby="team">
      <h2 id="team">Team</h2>
      <ul className={styles['lines']}>
        {team.map((member) => (
          <li key={member.userId}>
            <span>
              <span>{member.userId === me ? 'You' : `Member ${member.userId.slice(-6)}`}</span>
              <span className={ui['muted']}>{`, ${ROLES[member.role]}`}</span>
            </span>
            {member.role !== 'owner' && (role === 'owner' || member.userId === me) && (
              <Confirm
                quiet
                small
                label={member.userId === me ? 'Leave the team' : `Let member ${member.userId.slice(-6)} go`}
                act={leave(member.userId)}
              >
                A link lets them in again.
              </Confirm>
            )}
          </li>
        ))}
      </ul>
      {role === 'owner' && (
        <>
          <Refusal why={refused} />
          {opened !== undefined && (
            <Secret link={opened}>Whoever has this link can join. It is shown this once.</Secret>
          )}
          {links.length > 0 && (
            <ul className={styles['lines']}>
              {links.map(({ id, role: as, expiresAt, uses, used }) => (
                <li key={id}>
                  <span>
                    <span>{`A link for ${ROLES[as].toLowerCase()}, ${used} of ${uses} used, until `}</span>
                    <Time at={expiresAt} />
                  </span>
                  <Button quiet small onClick={() => void close(id)}>
                    Close this link
                  </Button>
                </li>
              ))}
            </ul>
          )}
          <form {...form.attributes} className={ui['stack']}>
            <Refusal why={form.problem} />
            <div className={styles['pair']}>
              <Field label="Link for" {...form.field('role')}>
                <option value="manager">Managers: they edit and sell</option>
                <option value="door">People at the door</option>
              </Field>
              <Field
                label="Good for so many hours"
                {...form.field('hours')}
                inputMode="numeric"
                defaultValue="72"
              />
              <Field
                label="For so many people"
                {...form.field('uses')}
                inputMode="numeric"
                defaultValue="1"
              />
            </div>
            <div>
              <Button type="submit" quiet busy={form.busy}>
                Make a link
              </Button>
            </div>
          </form>
        </>
      )}
    </section>
  );
}
