'use client';

import { leastOf } from '@ticketing/common/chargeable';
import { type ReactNode, useEffect, useRef } from 'react';
import { type Answer, type FieldError, type Problem, wrongFields } from '../api/answer.ts';
import type { Ticket } from '../api/types.ts';
import { currencyName, decimalOf, readAmount } from '../ui/amount.ts';
import { AmountField } from '../ui/amount-field.tsx';
import { Button } from '../ui/button.tsx';
import { Field, type FieldProps } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { money, MOST_TOGETHER } from '../ui/format.ts';
import { Refusal } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import { judgePrice } from './price.ts';
import styles from './selling.module.css';

const NAMES = {
  title: 'The title',
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
const textsIn = ({ title, description = '', price, currency }: Ticket) => ({
  title,
  description,
  price: money(price, currency),
});

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
    async ({ title = '', description = '', price = '', quantity = '1' }) => {
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
      return save({ title, description, price: read.amount, quantity: number / 100 });
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
