'use client';

import type { ReactNode } from 'react';
import { type Answer, type Problem, wrongField } from '../api/answer.ts';
import type { Ticket } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Field, useForm } from '../ui/form.tsx';
import { amountText, minorUnits, MOST_TOGETHER, WRONG_AMOUNT } from '../ui/format.ts';
import { Refusal } from '../ui/parts.tsx';
import ui from '../ui/ui.module.css';
import styles from './selling.module.css';

const NAMES = {
  title: 'The title',
  description: 'The description',
  price: 'The price',
  quantity: 'The number',
};

const WORDS = {
  sell: {
    title: { label: 'What is it a ticket for?', placeholder: 'Band, date, seat' },
    description: {
      label: 'Description',
      hint: 'Optional. What a buyer should know: entrance, restrictions, how you hand it over.',
    },
    price: { label: 'Price of one, in US dollars', placeholder: '25.00' },
    save: 'Put on sale',
  },
  edit: {
    title: { label: 'Title' },
    description: { label: 'Description' },
    price: { label: 'Price, in US dollars' },
    save: 'Save',
  },
};

export interface Typed {
  title: string;
  description: string;
  /** In minor units. */
  price: number;
  quantity: string;
}

interface Props {
  /** What is changed; without it, new ones are put on sale. */
  ticket?: Ticket;
  save(typed: Typed): Promise<Pick<Answer<unknown>, 'ok'> | Problem>;
  /** It was saved, and the next page is not there yet. */
  going: boolean;
  /** What to know of a refusal. */
  refusal: ReactNode;
  /** What else one can do. */
  children: ReactNode;
}

/** What a seller says of a ticket. */
export function TicketForm({ ticket, save, going, refusal, children }: Props): ReactNode {
  const words = WORDS[ticket ? 'edit' : 'sell'];
  const form = useForm(NAMES, async ({ title = '', description = '', price = '', quantity = '1' }) => {
    const amount = minorUnits(price);
    if (amount === undefined) return wrongField('price', WRONG_AMOUNT);
    return save({ title, description, price: amount, quantity });
  });
  const price = (
    <Field
      {...words.price}
      {...form.field('price')}
      inputMode="decimal"
      required
      defaultValue={ticket && amountText(ticket.price)}
    />
  );
  return (
    <form {...form.attributes} className={ui['panel']}>
      <Refusal why={form.problem}>{refusal}</Refusal>
      <Field
        {...words.title}
        {...form.field('title')}
        maxLength={140}
        required
        defaultValue={ticket?.title}
      />
      <Field
        {...words.description}
        {...form.field('description')}
        rows={4}
        maxLength={2000}
        defaultValue={ticket?.description}
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
        <Button type="submit" busy={form.busy || going}>
          {words.save}
        </Button>
        {children}
      </div>
    </form>
  );
}
