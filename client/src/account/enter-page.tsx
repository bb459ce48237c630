import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { visitor } from '../session/visitor.ts';
import { Page } from '../ui/parts.tsx';
import { backTo } from './back.ts';
import { Enter } from './enter.tsx';

interface Props {
  searchParams: Promise<{ to?: string | string[] }>;
}

/** The page of signing in, or up; who is signed in already goes on. */
export const enterPage = (how: 'signin' | 'signup') =>
  async function EnterPage({ searchParams }: Props): Promise<ReactNode> {
    const to = backTo((await searchParams).to);
    if (await visitor()) redirect(to);
    return (
      <Page narrow>
        <Enter how={how} to={to} />
      </Page>
    );
  };
