'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { api, tellTabs } from '../api/browser.ts';
import type { SessionInfo } from '../api/types.ts';
import { forgetLast } from '../session/typed.ts';
import { Button } from '../ui/button.tsx';
import { isolated } from '../ui/format.ts';
import { Badge, Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import styles from './sessions.module.css';

const BROWSERS = { Edg: 'Edge', OPR: 'Opera', Firefox: 'Firefox', Chrome: 'Chrome', Safari: 'Safari' };
const SYSTEMS = {
  iPhone: 'iPhone',
  iPad: 'iPad',
  Android: 'Android',
  Windows: 'Windows',
  'Mac OS X': 'macOS',
  Linux: 'Linux',
};

/** `Mozilla/5.0 … Edg/130` → `Edge on Windows`: of what an agent says that it is, the first that the lists know. */
function deviceName(agent: string): string {
  const first = (names: Record<string, string>) =>
    Object.entries(names).find(([sign]) => agent.includes(sign))?.[1];
  const browser = first(BROWSERS);
  const system = first(SYSTEMS);
  if (!browser) return agent.slice(0, 60);
  return system ? `${browser} on ${system}` : browser;
}

/** Where an account is signed in, and how to end that. */
export function Sessions({ first }: { first: readonly SessionInfo[] }): ReactNode {
  const router = useRouter();
  const [sessions, setSessions] = useState(first);
  const [refused, setRefused] = useState('');
  const [busy, setBusy] = useState('');

  const run = async (name: string, method: string, path: string, then: () => void) => {
    setBusy(name);
    setRefused('');
    const answer = await api(method, path);
    setBusy('');
    if (answer.ok || answer.status === 404) then();
    else setRefused(`${answer.detail}.`);
  };
  const leave = () => {
    forgetLast();
    tellTabs('changed');
    router.push('/');
  };
  const end = ({ id, current }: SessionInfo) =>
    run(id, 'DELETE', `/api/users/sessions/${id}`, () => {
      if (current) return leave();
      setSessions((all) => all.filter((one) => one.id !== id));
      say('That device is signed out, within minutes.');
    });

  return (
    <div className={ui['stack']}>
      <Refusal why={refused} />
      <section className={ui['panel']} aria-labelledby="sessions">
        <h2 id="sessions">Where you are signed in</h2>
        <ul>
          {sessions.map((session) => (
            <li key={session.id} className={styles['session']}>
              <div>
                <p>
                  <strong>
                    <bdi>{deviceName(session.device)}</bdi>
                  </strong>
                  {session.current && <Badge tone="good">This device</Badge>}
                  {session.shared && <Badge tone="bad">Used in two places</Badge>}
                </p>
                <p className={ui['muted']}>
                  Last used <Time at={session.lastUsedAt} />
                </p>
                {session.shared && (
                  <p>
                    <span>
                      {session.shared.devices.map((device) => isolated(deviceName(device))).join(' and ')}
                    </span>{' '}
                    use it in two places, lastly <Time at={session.shared.at} />. Unless both are you, sign
                    out everywhere.
                  </p>
                )}
              </div>
              {!session.current && (
                <Button
                  quiet
                  small
                  busy={busy === session.id}
                  aria-label={`Sign out ${isolated(deviceName(session.device))}`}
                  onClick={() => void end(session)}
                >
                  Sign out
                </Button>
              )}
            </li>
          ))}
        </ul>
      </section>
      <div className={ui['row']}>
        <Button
          quiet
          busy={busy === 'here'}
          onClick={() => void run('here', 'POST', '/api/users/signout', leave)}
        >
          Sign out
        </Button>
        <Button
          danger
          busy={busy === 'all'}
          onClick={() => void run('all', 'DELETE', '/api/users/sessions', leave)}
        >
          Sign out everywhere
        </Button>
      </div>
    </div>
  );
}
