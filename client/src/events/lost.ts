import { type Lost, nameOf, type Seat } from './basket.ts';
import { type Plan, seatCalled } from './plan.ts';
import { seatText } from './seat-text.ts';

/** What is said of places that others took: a sentence each. */
export const lostText = (
  { seats, counts }: Lost,
  calledIn: (seat: Seat) => { plan: Plan; place: number } | undefined,
): string[] => [
  ...seats.flatMap((seat) => {
    const called = calledIn(seat);
    return called ? [`Somebody else has taken ${seatText(seatCalled(called.plan, called.place))}.`] : [];
  }),
  ...counts.map(({ offer, left }) =>
    left === 0
      ? `Others were faster: of ${nameOf(offer)} none is left at the moment.`
      : `Others were faster: of ${nameOf(offer)} only ${left} can be had now.`,
  ),
];
