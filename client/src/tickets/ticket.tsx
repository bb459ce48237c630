'use client';

import Link from 'next/link';
import { type ReactNode, useRef, useState } from 'react';
import { isFinal, type Problem } from '../api/answer.ts';
import { api, once } from '../api/browser.ts';
import type { Order, Ticket } from '../api/types.ts';
import { useStream } from '../live/stream.ts';
import { useOrderOf } from '../orders/of-ticket.ts';
import { isPayable } from '../orders/words.ts';
import { usePerson } from '../session/keeper.tsx';
import { Art } from '../ui/art.tsx';
import { Button, LinkButton } from '../ui/button.tsx';
import { isLong, isolated, money, MOST_TOGETHER, rising } from '../ui/format.ts';
import { useGo } from '../ui/go.ts';
import { useFocusOn, useTitle } from '../ui/here.ts';
import { Badge, NotLive, Notice } from '../ui/parts.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { newer } from './newer.ts';
import styles from './ticket.module.css';
import { stateOf, tabTitleOf, WORDS } from './words.ts';

interface Props {
  first: Ticket;
  /** All that are sold together with it, itself too. */
  sale: readonly Ticket[];
  /** What a visitor had chosen besides, who then signed in. */
  chosen: readonly string[];
  /** The visitor's own order that has it; `null` when nobody could say. */
  order: Order | null | undefined;
}

/** What it lets somebody into, when and where: as its seller says. */
function Occasion({ ticket: { event, place, date } }: { ticket: Ticket }): ReactNode {
  if (!event && !place && !date) return undefined;
  return (
    <div>
      {event && (
        <p>
          <strong dir="auto">{event}</strong>
        </p>
      )}
      {date && (
        <p>
          <Time at={date.at} zone={date.zone} />
        </p>
      )}
      {place && <p dir="auto">{place}</p>}
    </div>
  );
}

/** A ticket, live, with those that can be bought together with it. */
export function TicketView({ first, sale, chosen: chosenBefore, order: orderBefore }: Props): ReactNode {
  const { going, go } = useGo();
  const person = usePerson();
  const [tickets, setTickets] = useState<ReadonlyMap<string, Ticket>>(
    () => new Map([...sale, first].map((ticket) => [ticket.id, ticket])),
  );
  /** What the buyer has looked at: what differs from it is shown and asked again. */
  const [seen, setSeen] = useState(tickets);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set([first.id, ...chosenBefore]));
  /** What is being reserved: the stream tells of one's own hold before the page has left. */
  const [reserving, setReserving] = useState<readonly Ticket[]>([]);
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const button = useRef<HTMLButtonElement>(null);

  const took = (changes: readonly Ticket[]) => {
    const ours = changes.filter(({ saleId }) => saleId === first.saleId);
    if (ours.length === 0) return;
    if (ours.some(({ status }) => status === 'available')) setProblem(undefined);
    setTickets(
      (now) => new Map([...now, ...ours.map((news) => [news.id, newer(now.get(news.id), news)] as const)]),
    );
    setSeen((before) => new Map([...ours.map((news) => [news.id, news] as const), ...before]));
  };
  const read = async () => {
    const answer = await api<Ticket[]>('GET', `/api/tickets?saleId=${first.saleId}&limit=200`);
    if (!answer.ok) return isFinal(answer);
    // A sale may have more than one page; of this ticket itself one must know.
    const self = await api<Ticket>('GET', `/api/tickets/${first.id}`);
    const there = new Set([...answer.body.map(({ id }) => id), self.ok && first.id]);
    const gone = [...tickets.values()].filter(({ id }) =>
      id === first.id ? self.status === 404 : answer.next === undefined && !there.has(id),
    );
    took([
      ...answer.body,
      ...(self.ok ? [self.body] : []),
      ...gone.map((ticket) => ({ ...ticket, deleted: true as const })),
    ]);
    return isFinal(self);
  };
  const { live, load } = useStream<Ticket>('/api/tickets/stream', { changes: took, load: read });

  const ticket = tickets.get(first.id) ?? first;
  const free = ({ status, deleted, sellerId }: Ticket) =>
    status === 'available' && !deleted && sellerId !== person?.id;
  const others = [...tickets.values()]
    .filter((other) => other.id !== ticket.id && !other.deleted)
    .sort(rising);
  const busy = asking || going;
  const picked = busy ? reserving : [...tickets.values()].filter((one) => chosen.has(one.id) && free(one));
  const moved = picked.filter((one) => seen.get(one.id)?.version !== one.version);
  const total = picked.reduce((sum, { price }) => sum + price, 0);
  const mine = ticket.sellerId === person?.id;
  const order = useOrderOf(ticket, person !== undefined && !mine && !ticket.deleted, orderBefore);
  const held = new Set(order?.items.map(({ ticketId }) => ticketId));
  const state = stateOf(ticket);
  useTitle(tabTitleOf(ticket));
  const came = useRef<HTMLHeadingElement>(null);
  useFocusOn(came, state);

  const choose = (id: string, yes: boolean) =>
    setChosen((before) => new Set(yes ? [...before, id] : [...before].filter((other) => other !== id)));

  const reserve = async () => {
    if (!person) {
      const others = picked.filter(({ id }) => id !== ticket.id).map(({ id }) => ['with', id]);
      const here = `/tickets/${ticket.id}?${new URLSearchParams(others)}`;
      return go(`/signin?to=${encodeURIComponent(here)}`);
    }
    setReserving(picked);
    setAsking(true);
    setProblem(undefined);
    const answer = await once<Order>('/api/orders', {
      ticketIds: picked.map(({ id }) => id),
      seen: picked.map(({ id, price, version }) => ({ ticketId: id, price, version })),
    });
    if (answer.ok) go(`/orders/${answer.body.id}`);
    else {
      await load();
      setProblem(answer);
    }
    setAsking(false);
  };

  return (
    <article className={styles['ticket']}>
      <div className={styles['poster']} data-status={state}>
        <Art seed={ticket.saleId} />
      </div>
      <div className={styles['body']}>
        <div className={ui['stack']}>
          <State ticket={ticket} mine={mine} />
          <h1 ref={came} tabIndex={-1} dir="auto" data-long={isLong(ticket.title)}>
            {ticket.title}
          </h1>
          <Occasion ticket={ticket} />
          {ticket.description && (
            <p dir="auto" className={styles['description']}>
              {ticket.description}
            </p>
          )}
          {ticket.sellerName && (
            <p className={ui['muted']}>
              Sold by <bdi>{ticket.sellerName}</bdi>
            </p>
          )}
          <p className={ui['muted']}>
            On sale since <Time at={ticket.createdAt} zone={mine ? person.zone : undefined} />
          </p>
        </div>
        <div className={styles['side']}>
          <section className={styles['stub']} aria-label="Buy">
            <p className={styles['price']}>{money(ticket.price, ticket.currency)}</p>
            <NotLive live={live} />
            {others.length > 0 && !mine && (
              <fieldset className={styles['others']}>
                <legend>Add seats beside it</legend>
                <ul>
                  {others.map((other) => (
                    <li key={other.id}>
                      <label>
                        <input
                          type="checkbox"
                          checked={chosen.has(other.id) && free(other)}
                          disabled={!free(other) || (!chosen.has(other.id) && chosen.size >= MOST_TOGETHER)}
                          onChange={({ target }) => choose(other.id, target.checked)}
                        />
                        <bdi>{other.title}</bdi>
                        <span className={ui['muted']}>
                          {other.status === 'available'
                            ? money(other.price, other.currency)
                            : held.has(other.id)
                              ? 'Yours'
                              : WORDS[other.status].label}
                        </span>
                      </label>
                    </li>
                  ))}
                </ul>
              </fieldset>
            )}
            {moved.length > 0 ? (
              <Notice tone="warn" alert>
                {moved.map((one) => (
                  <p key={one.id}>{difference(seen.get(one.id), one)}</p>
                ))}
                <Button
                  quiet
                  small
                  onClick={() => {
                    setSeen((before) => new Map([...before, ...moved.map((one) => [one.id, one] as const)]));
                    requestAnimationFrame(() => button.current?.focus());
                  }}
                >
                  I have seen it
                </Button>
              </Notice>
            ) : (
              problem &&
              !order && (
                <Notice tone="bad" alert>
                  <p>{explain(problem)}</p>
                  {problem.detail.includes('unpaid') && (
                    <p>
                      <Link href="/orders">See your orders.</Link>
                    </p>
                  )}
                </Notice>
              )
            )}
            {mine && <p className={ui['muted']}>You cannot buy your own ticket.</p>}
            {mine ? (
              ticket.status === 'available' && !ticket.deleted ? (
                <>
                  <LinkButton href={`/tickets/${ticket.id}/edit`} quiet prefetch={false}>
                    Edit or withdraw
                  </LinkButton>
                  <LinkButton href={`/sell?beside=${ticket.id}`} quiet prefetch={false}>
                    Add seats beside it
                  </LinkButton>
                </>
              ) : (
                <p className={ui['muted']}>{`A ticket that is ${state} cannot be changed.`}</p>
              )
            ) : (
              !busy && !free(ticket) && <Whose ticket={ticket} order={order} known={person !== undefined} />
            )}
          </section>
          {picked.length > 0 && (
            <div className={`${ui['reach']} ${styles['act']}`}>
              <Button ref={button} busy={busy} disabled={moved.length > 0} onClick={() => void reserve()}>
                {`${picked.length === 1 ? 'Reserve' : `Reserve ${picked.length} tickets`} for ${money(total, ticket.currency)}`}
              </Button>
              <p className={ui['hint']}>Nothing is charged now. The order says how long it is yours.</p>
            </div>
          )}
        </div>
      </div>
    </article>
  );
}

interface WhoseProps {
  ticket: Ticket;
  order: Order | null | undefined;
  /** Somebody is signed in. */
  known: boolean;
}

/** Of a ticket that cannot be reserved: who has it, which to its holder is another thing than to everybody else. */
function Whose({ ticket, order, known }: WhoseProps): ReactNode {
  const { status } = ticket;
  if (order === null) return null;
  if (order && status === 'reserved' && isPayable(order))
    return (
      <>
        <p>
          You hold it until <Time at={order.expiresAt} brief />.
        </p>
        <LinkButton href={`/orders/${order.id}`} prefetch={false}>
          {order.status === 'created' ? 'Pay now' : 'See the payment'}
        </LinkButton>
      </>
    );
  if (order && status === 'sold')
    return (
      <>
        <p>You bought it.</p>
        <LinkButton href={`/orders/${order.id}`} prefetch={false} quiet>
          See your order
        </LinkButton>
      </>
    );
  return (
    <>
      <p className={ui['muted']}>{WORDS[stateOf(ticket)].hint}</p>
      {status !== 'available' && !known && !ticket.deleted && (
        <p className={ui['muted']}>
          Is it yours? <Link href={`/signin?to=/tickets/${ticket.id}`}>Sign in</Link> to see.
        </p>
      )}
    </>
  );
}

function State({ ticket, mine }: { ticket: Ticket; mine: boolean }): ReactNode {
  const { label, tone } = WORDS[stateOf(ticket)];
  return (
    <p className={ui['row']} aria-live="polite">
      <Badge tone={tone}>{label}</Badge>
      {mine && <Badge>Yours</Badge>}
    </p>
  );
}

const difference = (before: Ticket | undefined, { title, price, currency }: Ticket) =>
  before && before.price !== price
    ? `The price of ${isolated(title)} is now ${money(price, currency)}. It was ${money(before.price, currency)}.`
    : `The seller has changed ${isolated(title)}. Please look again.`;

const explain = ({ status, detail, errors }: Problem) =>
  status === 409 && errors.some(({ message }) => message.includes('already reserved'))
    ? 'Somebody was faster: the ticket is reserved.'
    : `${detail}.`;
