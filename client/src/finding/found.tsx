import type { ReactNode } from 'react';
import type { Answer } from '../api/answer.ts';
import { LinkButton } from '../ui/button.tsx';
import { Empty } from '../ui/parts.tsx';
import type { Listing } from './listing.ts';

/** What a search was answered with, and when, in milliseconds; or why it was not. `called` is what cannot be shown then. */
export function Found<T>({
  answer,
  called,
  children,
}: {
  answer: Answer<T[]>;
  called: string;
  children: (first: Listing<T>, at: number) => ReactNode;
}): ReactNode {
  if (answer.ok) return children({ items: answer.body, next: answer.next }, answer.at);
  const [first] = answer.errors;
  return (
    <Empty title={`${called} cannot be shown right now`}>
      <p>{`${first?.field === 'q' ? `The search ${first.message}` : answer.detail}.`}</p>
      <LinkButton href="" quiet prefetch={false}>
        Try again
      </LinkButton>
    </Empty>
  );
}
