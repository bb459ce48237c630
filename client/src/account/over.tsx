'use client';

import type { ReactNode } from 'react';
import { LinkButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import ui from '../ui/ui.module.css';

/** Said before it leads to signing in: the page, and what was typed, stays as it is until then. */
export const Over = ({ signIn, onClose }: { signIn: string; onClose(): void }): ReactNode => (
  <Dialog title="You are signed out" onClose={onClose}>
    <p>Your session is over. Please sign in again.</p>
    <p className={ui['hint']}>
      It was ended from another device, or was not used for long. What you typed is here again afterwards.
    </p>
    <div className={ui['row']}>
      <LinkButton href={signIn} prefetch={false}>
        Sign in
      </LinkButton>
    </div>
  </Dialog>
);
