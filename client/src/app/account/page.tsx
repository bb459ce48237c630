import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { NameForm } from '../../account/name.tsx';
import { Sessions } from '../../account/sessions.tsx';
import { ZoneForm } from '../../account/zone.tsx';
import { need } from '../../api/server.ts';
import type { SessionInfo } from '../../api/types.ts';
import { signedIn } from '../../session/visitor.ts';
import { Page } from '../../ui/parts.tsx';
import ui from '../../ui/ui.module.css';

export const metadata: Metadata = { title: 'Account' };

export default async function AccountPage(): Promise<ReactNode> {
  const { email, name } = await signedIn('/account');
  const sessions = await need<SessionInfo[]>('/api/users/sessions', '/account');
  return (
    <Page narrow>
      <div className={ui['head']}>
        <div>
          <h1>Account</h1>
          <p className={ui['muted']}>
            <bdi>{email}</bdi>
          </p>
        </div>
      </div>
      <div className={ui['stack']}>
        <Sessions first={sessions.body} />
        <section className={ui['panel']} aria-labelledby="name">
          <h2 id="name">Your name</h2>
          <NameForm first={name} />
        </section>
        <section className={ui['panel']} aria-labelledby="days">
          <h2 id="days">Your days</h2>
          <ZoneForm />
        </section>
      </div>
    </Page>
  );
}
