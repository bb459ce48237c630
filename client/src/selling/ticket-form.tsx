'use client';

import { leastOf } from '@ticketing/common/chargeable';
import { type ReactNode, useEffect, useRef } from 'react';
import { type Answer, type FieldError, type Problem, wrongFields } from '../api/answer.ts';
import type { Ticket } from '../api/types.ts';
import { usePerson } from '../session/keeper.tsx';
import { currencyName, decimalOf, readAmount } from '../ui/amount.ts';
import { AmountField } from '../ui/amount-field.tsx';
import { Button } from '../ui/button.tsx';
import { Field, type FieldProps } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { money, MOST_TOGETHER, ownZone } from '../ui/format.ts';
import { Refusal } from '../ui/parts.tsx';
import { useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { ZoneOptions } from '../ui/zones.tsx';
import { judgePrice } from './price.ts';
import styles from './selling.module.css';

const NAMES = {
  title: 'The title',
  event: 'The event',
  place: 'The place',
  date: 'The date',
  zone: 'The time zone',
  description: 'The description',
  price: 'The price',
  quantity: 'The number',
};

type Label = Pick<FieldProps, 'label' | 'placeholder' | 'hint'>;

/** What the form calls what is in it. */
export type Words = Record<'title' | 'description' | 'price', Label> & { save: string };

export interface Typed {
  title: string;
  description: string;
  event: string;
  place: string;
  /** As the clocks of `zone` show it, or nothing. */
  date: string;
  zone: string;
  /** In minor units. */
  price: number;
  quantity: number;
}

interface Props {
  words: Words;
  /** Of the price. */
  currency: string;
  /** What the seller's tickets cost before, at most. */
  usual?: number | undefined;
  /** What is changed; without it, new ones are put on sale. */
  ticket?: Ticket;
  /** What new ones are sold together with, and so are like. */
  beside?: Ticket | undefined;
  save(typed: Typed): Promise<Pick<Answer<unknown>, 'ok'> | Problem>;
  /** It was saved, and the next page is not there yet. */
  going: boolean;
  /** What to know of a refusal. */
  refusal?: ReactNode;
  /** It cannot be changed at the moment. */
  closed?: boolean;
  /** What else one can do. */
  children: ReactNode;
}

/** What the fields say of a ticket. */
const textsIn = ({ title, description = '', event = '', place = '', date, price, currency }: Ticket) => ({
  title,
  description,
  event,
  place,
  date: localOf(date),
  price: money(price, currency),
});

/** What a date is as a field takes it: whose offset matters is one of an hour that clocks show twice. */
export const localOf = (date: Ticket['date']): string => date?.local.slice(0, 16) ?? '';

/** What a seller says of a ticket. What is wrong with any of it is said at once; what is unlikely is asked about once. */
export function TicketForm({
  words,
  currency,
  ticket,
  beside,
  usual,
  closed = false,
  save,
  going,
  refusal,
  children,
}: Props): ReactNode {
  const like = ticket ?? beside;
  const asked = useRef<number>(undefined);
  const keep = ticket ? `edit ${ticket.id} ${ticket.version}` : `sell ${beside?.id ?? ''}`;
  const form = useForm(
    NAMES,
    async ({ price = '', quantity = '1', ...texts }) => {
      const { title = '', description = '', event = '', place = '', date = '', zone = '' } = texts;
      const read = readAmount(price, currency, decimalOf(navigator.language));
      const odd = judgePrice(read, currency, usual);
      const number = readAmount(quantity, 'usd')?.amount;
      const faults: FieldError[] = [];
      const say = (field: keyof typeof NAMES, message: string) => faults.push({ field, message });
      if (!title.trim()) say('title', 'must not be empty');
      if (odd && 'wrong' in odd) say('price', odd.wrong);
      else if (odd && asked.current !== read?.amount)
        say('price', `${odd.ask}. If that is right, press \u201c${words.save}\u201d again.`);
      asked.current = read?.amount;
      if (number === undefined || number % 100 !== 0 || number < 100 || number > MOST_TOGETHER * 100)
        say('quantity', `must be a whole number from 1 to ${MOST_TOGETHER}`);
      if (faults.length > 0 || read === undefined || number === undefined) return wrongFields(faults);
      const said = { title, description, event, place, date, zone };
      return save({ ...said, price: read.amount, quantity: number / 100 });
    },
    { keep },
  );
  // Changed elsewhere: what was not touched here follows.
  const shown = useRef(ticket);
  useEffect(() => {
    const before = shown.current;
    shown.current = ticket;
    const [old, now] = [before && textsIn(before), ticket && textsIn(ticket)];
    if (!old || !now || before === ticket) return;
    for (const name of Object.keys(now) as (keyof typeof now)[]) {
      const input = form.input(name);
      if (input?.value === old[name]) input.value = now[name];
    }
  }, [ticket, form]);
  const texts = like && textsIn(like);
  const person = usePerson();
  const hydrated = useHydrated();
  const zone = like?.date?.zone ?? person?.zone ?? (hydrated ? ownZone() : 'UTC');
  const price = (
    <AmountField
      {...form.field('price')}
      label={`${words.price.label}, in ${currencyName(currency)}`}
      placeholder={ticket ? undefined : money(50 * leastOf(currency), currency)}
      currency={currency}
      required
      defaultValue={texts?.price}
    />
  );
  return (
    <form {...form.attributes} className={ui['panel']}>
      <Refusal why={form.problem}>{refusal}</Refusal>
      <Field {...words.title} {...form.field('title')} maxLength={140} required defaultValue={texts?.title} />
      <Field
        label="Event"
        {...form.field('event')}
        maxLength={100}
        placeholder={ticket ? undefined : 'Band, play or match'}
        defaultValue={texts?.event}
      />
      <div className={styles['pair']}>
        <Field
          label="Date and time"
          {...form.field('date')}
          type="datetime-local"
          hint="Optional. Then the ticket leaves the market."
          defaultValue={texts?.date}
        />
        <div className={ui['field']}>
          <label htmlFor="ticket-zone">Time zone there</label>
          <select key={zone} id="ticket-zone" name="zone" className={ui['input']} defaultValue={zone}>
            <ZoneOptions first={zone} />
          </select>
        </div>
      </div>
      <Field
        label="Place"
        {...form.field('place')}
        maxLength={100}
        placeholder={ticket ? undefined : 'Hall and city'}
        defaultValue={texts?.place}
      />
      <Field
        {...words.description}
        {...form.field('description')}
        rows={4}
        maxLength={2000}
        defaultValue={texts?.description}
      />
      {ticket ? (
        price
      ) : (
        <div className={styles['pair']}>
          {price}
          <Field
            label="How many?"
            {...form.field('quantity')}
            inputMode="numeric"
            defaultValue="1"
            hint={`Up to ${MOST_TOGETHER}, sold together.`}
          />
        </div>
      )}
      <div className={ui['row']}>
        <Button type="submit" busy={form.busy || going} disabled={closed}>
          {words.save}
        </Button>
        {children}
      </div>
    </form>
  );
}
