import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { backTo } from '../../account/back.ts';
import { Enter } from '../../account/enter.tsx';
import { visitor } from '../../session/visitor.ts';
import { Page } from '../../ui/parts.tsx';

export const metadata: Metadata = { title: 'Make an account' };

export default async function SignUpPage({
  searchParams,
}: {
  searchParams: Promise<{ to?: string | string[] }>;
}): Promise<ReactNode> {
  const to = backTo((await searchParams).to);
  if (await visitor()) redirect(to);
  return (
    <Page narrow>
      <Enter how="signup" to={to} />
    </Page>
  );
}
