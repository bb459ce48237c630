'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { isDecided, type Problem } from '../api/answer.ts';
import { once } from '../api/browser.ts';
import type { EventView, Order } from '../api/types.ts';
import { usePerson } from '../session/keeper.tsx';
import { useGo } from '../ui/go.ts';
import { NotLive, Notice } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import { useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import {
  type Basket,
  chosenAs,
  EMPTY,
  kept,
  linesOf,
  type Lost,
  offersOf,
  refusedSeats,
  roomFor,
  type Seat,
  sizeOf,
  totalOf,
  withCount,
  without,
  withSeat,
} from './basket.ts';
import { Chosen } from './chosen.tsx';
import { CodeField, useCode } from './code.tsx';
import styles from './choice.module.css';
import { changesIn, glimpseOf, withNew } from './glimpse.ts';
import { type Chosen as Before, choiceBefore, forgetChoice, keepChoice } from './keep.ts';
import type { Hall } from './left.ts';
import { lostText } from './lost.ts';
import { planOf } from './plan.ts';
import { Reserve } from './reserve.tsx';
import { SeatPlan } from './seats.tsx';
import { TierRow } from './tier.tsx';
import { saleOf } from './words.ts';

interface Props {
  event: EventView;
  hall: Hall;
  /** By the server's clock, in milliseconds. */
  now: number;
  /** Whether the event and what is left of it are what they were last read as. */
  live: boolean;
  /** They may be others than those that are shown: reads them. */
  onStale(): Promise<unknown>;
}

/** The places of an event. What was chosen and not reserved is there again, in this tab: somebody may have had to sign in. */
export function Choice(props: Props): ReactNode {
  const hydrated = useHydrated();
  const by = usePerson()?.id;
  const [before, setBefore] = useState<Before | null>();
  if (hydrated && before === undefined) setBefore(choiceBefore(props.event.id, by) ?? null);
  return <Choosing key={before ? 'again' : 'first'} {...props} before={before} />;
}

/** What there is, choosing, and reserving what was chosen. `before`: null where it was nothing, undefined until that is known. */
function Choosing({
  event,
  hall,
  now,
  live,
  onStale,
  before,
}: Props & { before: Before | null | undefined }): ReactNode {
  const { going, go } = useGo();
  const person = usePerson();
  const [basket, setBasket] = useState(before?.basket ?? EMPTY);
  const [lost, setLost] = useState<readonly string[]>([]);
  /** What the buyer has looked at: what differs from it is shown and asked again. */
  const [seen, setSeen] = useState(() => before?.seen ?? glimpseOf(event));
  /** The stream tells of one's own hold before the page has left. */
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  /** The answer was lost: what is in the basket may be reserved, for this very buyer. Asked for again, it has the same key. */
  const [unsure, setUnsure] = useState(false);
  const code = useCode(event.id, before?.code || undefined);

  const { currency } = event;
  const offers = offersOf(event, code.opened);
  const shown = { ...event, tiers: offers.map(({ tier }) => tier) };
  const looked = withNew(seen, shown);
  if (looked !== seen) setSeen(looked);
  useKept(event.id, before, { basket, code: code.wrong === undefined ? code.text : '', seen: looked });
  const busy = asking || going || code.busy;
  const sells = event.status === 'published' && Date.parse(event.endsAt) > now && event.role !== 'owner';
  const open = offers.filter(({ tier }) => sells && saleOf(tier, now) === 'open');
  const seated = event.pools.filter(
    ({ id, blocks }) => blocks && open.some(({ tier }) => tier.poolId === id),
  );
  const calledIn = ({ tierId, place }: Seat) => {
    const poolId = offers.find(({ tier }) => tier.id === tierId)?.tier.poolId;
    const pool = event.pools.find(({ id }) => id === poolId);
    return pool && { plan: planOf(pool), place };
  };

  const lose = (what: Lost, still: (now: Basket) => Basket) => {
    setBasket(still);
    setLost((before) => [...new Set([...before, ...lostText(what, calledIn)])]);
  };
  // Nothing stays in the basket that others took; what is gone while nobody is sure may be the buyer's own.
  const still = kept(basket, offers, hall);
  if (!busy && !unsure && still.lost.seats.length + still.lost.counts.length > 0)
    lose(still.lost, () => still.basket);

  const changes = changesIn(looked, shown, linesOf(basket, open));
  const size = sizeOf(basket, open);
  const change = (next: Basket) => {
    setBasket(next);
    setLost([]);
    setProblem(undefined);
    setUnsure(false);
  };
  const choose = (poolId: string, place: number, tierId: string) => {
    const before = chosenAs(basket, poolId, place, offers);
    const offer = open.find(({ tier }) => tier.id === tierId);
    if (before) change(without(basket, before));
    else if (offer && roomFor(offer, basket, open, hall) > 0) change(withSeat(basket, { tierId, place }));
    else return false;
    return true;
  };

  const reserve = async () => {
    const lines = linesOf(basket, open);
    const coded = open.some(({ tier, coded }) => coded && lines.some(({ tierId }) => tierId === tier.id));
    if (!person) return go(`/signin?to=${encodeURIComponent(`/events/${event.id}`)}`);
    setAsking(true);
    setLost([]);
    setProblem(undefined);
    const answer = await once<Order>('/api/orders', {
      eventId: event.id,
      lines,
      ...(coded && { code: code.text }),
    });
    setUnsure(!isDecided(answer));
    if (answer.ok) {
      forgetChoice(event.id);
      go(`/orders/${answer.body.id}`);
      return setAsking(false);
    }
    if (!isDecided(answer)) {
      setProblem(answer);
      return setAsking(false);
    }
    await Promise.all([onStale(), code.opened && code.check(code.text)]);
    const refused = refusedSeats(answer.errors, lines);
    const gone = basket.seats.filter((seat) =>
      refused.some(({ tierId, place }) => tierId === seat.tierId && place === seat.place),
    );
    if (gone.length > 0) lose({ seats: gone, counts: [] }, (now) => gone.reduce(without, now));
    else setProblem(answer);
    setAsking(false);
  };

  return (
    <section className={styles['choice']} id="places" aria-labelledby="choice">
      <h2 id="choice">Tickets</h2>
      <NotLive live={live} />
      <div className={styles['columns']}>
        <div className={ui['stack']}>
          {offers.length === 0 && <p className={ui['muted']}>Tickets are shown to those who have a code.</p>}
          <ul className={styles['tiers']}>
            {offers.map((offer) => (
              <TierRow
                key={offer.tier.id}
                offer={offer}
                event={event}
                now={now}
                sells={sells}
                left={hall.get(offer.tier.poolId)?.left}
                count={basket.counts[offer.tier.id] ?? 0}
                room={open.includes(offer) && !busy ? roomFor(offer, basket, open, hall) : 0}
                onCount={(count) => change(withCount(basket, offer.tier.id, count))}
              />
            ))}
          </ul>
          {event.role === 'owner' && <p className={ui['muted']}>You cannot buy your own tickets.</p>}
          {sells && <CodeField code={code} currency={currency} />}
          {seated.map((pool) => (
            <SeatPlan
              key={pool.id}
              pool={pool}
              currency={currency}
              offers={open.filter(({ tier }) => tier.poolId === pool.id)}
              gone={hall.get(pool.id)?.gone}
              chosen={basket.seats.filter((seat) => chosenAs(basket, pool.id, seat.place, open) === seat)}
              onChoose={(place, tierId) => choose(pool.id, place, tierId)}
            />
          ))}
        </div>
        {sells && (
          <section className={styles['basket']} aria-labelledby="basket">
            <h3 id="basket">What you have chosen</h3>
            {lost.length > 0 && (
              <Notice tone="warn" alert>
                {lost.map((text) => (
                  <p key={text}>{text}</p>
                ))}
              </Notice>
            )}
            {size === 0 && <p className={ui['muted']}>Nothing yet.</p>}
            <Chosen basket={basket} offers={open} currency={currency} calledIn={calledIn} onChange={change} />
            <Reserve
              size={size}
              total={totalOf(basket, open)}
              currency={currency}
              changes={changes}
              problem={problem}
              busy={busy}
              onSeen={() => setSeen(glimpseOf(shown))}
              onReserve={() => void reserve()}
            />
          </section>
        )}
      </div>
    </section>
  );
}

/** Keeps what is chosen as it changes, from when it is known what was before. */
function useKept(eventId: string, before: Before | null | undefined, { basket, code, seen }: Before) {
  const by = usePerson()?.id;
  const isKnown = before !== undefined;
  useEffect(() => {
    if (isKnown) keepChoice(eventId, by, { basket, code, seen });
  }, [eventId, by, isKnown, basket, code, seen]);
  useEffect(() => {
    if (before) say('What you chose before is here again.');
  }, [before]);
}
