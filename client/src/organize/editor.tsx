'use client';

import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Problem, wrongFields } from '../api/answer.ts';
import { api, once } from '../api/browser.ts';
import type { EventView } from '../api/types.ts';
import { usePerson } from '../session/keeper.tsx';
import { decimalOf } from '../ui/amount.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { ownZone } from '../ui/format.ts';
import { useGo } from '../ui/go.ts';
import { Notice, Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import { useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { Basics } from './basics.tsx';
import { bodyOf } from './body.ts';
import { Codes } from './codes.tsx';
import { type Difference, taken, undone } from './differences.ts';
import { blank, type Draft, draftOf } from './draft.ts';
import { fieldsOf, sorted } from './fields.ts';
import { followed, forgetTyping, keepTyping, type Typing, typingBefore } from './keep.ts';
import { Meeting } from './meeting.tsx';
import styles from './organize.module.css';
import { Picture } from './picture.tsx';
import { WhenAndWhere } from './place.tsx';
import { Preview } from './preview.tsx';
import { Tickets } from './tickets.tsx';

interface Props {
  /** What is changed; without it a new one is drafted. */
  event?: EventView;
  /** Where the organizer names none. */
  currency: string;
}

/** An event as it is typed. What was not saved is there again, in this tab. */
export function Editor(props: Props): ReactNode {
  const hydrated = useHydrated();
  const by = usePerson()?.id;
  const first = (zone: string): Typing => {
    const draft = props.event ? draftOf(props.event) : blank(zone, props.currency);
    return { draft, base: draft, version: props.event?.version };
  };
  if (!hydrated) return <Editing {...props} first={first('UTC')} again={false} />;
  const before = typingBefore(props.event?.id, by);
  return <Editing key="here" {...props} first={before ?? first(ownZone())} again={before !== undefined} />;
}

const PARTS = [
  ['basics', 'Basics'],
  ['when', 'When and where'],
  ['tickets', 'Places and tickets'],
  ['picture', 'Picture'],
  ['codes', 'Codes'],
  ['preview', 'Preview'],
] as const;

/** `again`: it was typed before. */
function Editing({ event, first, again }: Props & { first: Typing; again: boolean }): ReactNode {
  const by = usePerson()?.id;
  const hydrated = useHydrated();
  const { going, go } = useGo();
  const ref = useRef<HTMLFormElement>(null);
  const [saved, setSaved] = useState(event);
  const [{ draft, base, version }, setTyping] = useState(first);
  /** It as it is by now, for what has waited for an answer. */
  const newest = useRef(first);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [theirs, setTheirs] = useState<EventView>();
  const fields = fieldsOf(draft);
  const { beside, others } = sorted(problem?.errors ?? [], fields);
  const isTyped = draft !== base;

  useEffect(() => {
    if (again) say('What you typed before is here again.');
  }, [again]);
  // Where a link leads to may be typed, or a part.
  useEffect(() => {
    if (!hydrated) return;
    const at = decodeURIComponent(location.hash.slice(1));
    const field = at === '' ? null : ref.current?.elements.namedItem(at);
    if (!(field instanceof HTMLElement)) return;
    // After the page's own: a new one gives the focus to what is main.
    const frame = requestAnimationFrame(() => field.focus());
    return () => cancelAnimationFrame(frame);
  }, [hydrated]);
  useEffect(() => {
    if (busy) return; // nothing takes the focus then
    const [wrong] = sorted(problem?.errors ?? [], fieldsOf(draft)).beside.keys();
    const field = wrong === undefined ? null : ref.current?.elements.namedItem(wrong);
    if (field instanceof HTMLElement) field.focus();
    // Once for each refusal, and not when something is typed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [problem, busy]);

  const put = (typing: Typing) => {
    newest.current = typing;
    setTyping(typing);
  };
  const change = (next: Draft) => {
    const typing = { ...newest.current, draft: next };
    put(typing);
    keepTyping(event?.id, by, typing);
  };
  /** What the page itself has changed of the event beside what is typed. */
  const follow = (now: EventView) => {
    setSaved(now);
    const typing = followed(newest.current, now.version);
    if (typing === newest.current) return;
    put(typing);
    if (typing.draft !== typing.base) keepTyping(event?.id, by, typing);
  };

  const send = async (what: Draft, from: number | undefined): Promise<void> => {
    const { body, errors } = bodyOf(what, decimalOf(navigator.language));
    if (errors.length > 0) return setProblem(wrongFields(errors));
    if (event === undefined) {
      const answer = await once<EventView>('/api/events', body);
      if (!answer.ok) return setProblem(answer);
      forgetTyping(undefined);
      say('Your draft is saved. Nobody but your team sees it.');
      return go(`/organize/${answer.body.id}`, 'replace');
    }
    const headers = { 'if-match': `"${from}"` };
    const answer = await api<EventView>('PUT', `/api/events/${event.id}`, { body, headers });
    if (answer.status === 412) return meet(what);
    if (!answer.ok) return setProblem(answer);
    const now = draftOf(answer.body);
    forgetTyping(event.id);
    put({ draft: now, base: now, version: answer.body.version });
    setSaved(answer.body);
    setProblem(undefined);
    say('Saved.');
  };
  /** Somebody else was faster: what that has changed is shown before it is overwritten. */
  const meet = async (what: Draft): Promise<void> => {
    const answer = await api<EventView>('GET', `/api/events/${event?.id}`);
    if (!answer.ok) return setProblem(answer);
    if (undone(base, what, draftOf(answer.body)).length === 0) return send(what, answer.body.version);
    setTheirs(answer.body);
  };
  const working = async (work: Promise<void>) => {
    setBusy(true);
    await work;
    setBusy(false);
  };
  const settle = (differences: readonly Difference[]) => {
    if (!theirs) return;
    const next = differences.reduce(taken, draft);
    const typing = { draft: next, base: draftOf(theirs), version: theirs.version };
    setTheirs(undefined);
    put(typing);
    keepTyping(event?.id, by, typing);
    void working(send(next, theirs.version));
  };

  const form = { draft, change, wrong: beside, fixed: event?.status === 'published' };
  return (
    <div className={styles['editor']}>
      <nav aria-label="Parts of the event" className={styles['parts']}>
        {PARTS.map(([id, title]) => (
          <a key={id} href={`#${id}`}>
            {title}
          </a>
        ))}
      </nav>
      <div className={ui['stack']}>
        <form
          id="editor"
          ref={ref}
          className={ui['stack']}
          noValidate
          onSubmit={(submitted) => {
            submitted.preventDefault();
            if (!busy && !going) void working(send(draft, version));
          }}
        >
          <fieldset className={styles['all']} disabled={!hydrated || busy}>
            <Basics form={form} />
            <WhenAndWhere form={form} />
            <Tickets form={form} />
          </fieldset>
        </form>
        <Picture event={saved} onChange={follow} />
        <Codes event={saved} onChange={follow} />
        <Preview draft={draft} event={saved} />
        <div className={`${ui['reach']} ${styles['save']}`}>
          {problem && beside.size > 0 && (
            <Notice tone="bad" alert>
              <p>
                {beside.size === 1
                  ? 'One field is not right yet.'
                  : `${beside.size} fields are not right yet.`}
              </p>
            </Notice>
          )}
          <Refusal why={problem && beside.size === 0 ? [problem.detail, ...others].join('. ') : undefined}>
            {problem?.status === 0 && <p>What you typed is kept in this tab.</p>}
          </Refusal>
          <div className={ui['row']}>
            <Button type="submit" form="editor" busy={busy || going}>
              {event ? 'Save' : 'Save the draft'}
            </Button>
            <LinkButton href={event ? `/organize/${event.id}` : '/organize'} quiet prefetch={false}>
              Back
            </LinkButton>
            <span className={ui['hint']}>{isTyped ? 'Not saved yet' : event ? 'All is saved' : ''}</span>
          </div>
        </div>
      </div>
      {theirs && (
        <Meeting
          differences={undone(base, draft, draftOf(theirs))}
          draft={draft}
          onClose={() => setTheirs(undefined)}
          onSettle={settle}
        />
      )}
    </div>
  );
}
