import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { config } from '../../../config.ts';
import { Editor } from '../../../organize/editor.tsx';
import { signedIn } from '../../../session/visitor.ts';
import { Page } from '../../../ui/parts.tsx';
import ui from '../../../ui/ui.module.css';

export const metadata: Metadata = { title: 'New event' };

export default async function NewEventPage(): Promise<ReactNode> {
  await signedIn('/organize/new');
  return (
    <Page>
      <div className={ui['head']}>
        <h1>New event</h1>
      </div>
      <Editor currency={config().CURRENCY} />
    </Page>
  );
}
