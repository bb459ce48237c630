'use client';

import { type ReactNode, useState } from 'react';
import { api } from '../api/browser.ts';
import type { Order } from '../api/types.ts';
import { seatText } from '../events/seat-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { useForm } from '../ui/form.tsx';
import { money } from '../ui/format.ts';
import { Refusal } from '../ui/parts.tsx';
import { say } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';

type Item = Order['items'][number];

const Called = ({ title, seat }: Pick<Item, 'title' | 'seat'>): ReactNode => (
  <>
    <bdi>{title}</bdi>
    {seat && <span className={ui['muted']}>{` ${seatText(seat)}`}</span>}
  </>
);

/** What left an order while the rest of it stands, with what goes back for it and why. */
export function TakenBack({ order, zone }: { order: Order; zone: string | undefined }): ReactNode {
  const { returned = [], currency, paidElsewhere } = order;
  if (returned.length === 0) return null;
  return (
    <section className={ui['panel']} aria-labelledby="taken-back">
      <h2 id="taken-back">Taken back</h2>
      <ul className={ui['stack']}>
        {returned.map(({ ticketId, back, note, at, ...item }) => (
          <li key={`${ticketId} ${at}`}>
            <p>
              <Called {...item} />
            </p>
            <p className={ui['muted']}>
              {back > 0 && !paidElsewhere && <span>{`${money(back, currency)}, `}</span>}
              <Time at={at} zone={zone} />
            </p>
            {note !== undefined && (
              <p className={ui['muted']} dir="auto">
                {note}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Of what was paid at a box office. */
export const ELSEWHERE = 'It was paid at the box office: nothing goes back from here.';

/** Who sold an order takes some of it back: what that cost goes back to the buyer. */
export function TakeBack({ order, onChange }: { order: Order; onChange(): Promise<void> }): ReactNode {
  const [asking, setAsking] = useState(false);
  return (
    <div>
      <Button quiet small onClick={() => setAsking(true)}>
        Take some back
      </Button>
      {asking && <Asking order={order} onChange={onChange} onClose={() => setAsking(false)} />}
    </div>
  );
}

function Asking({
  order: { id, items, currency, paidElsewhere },
  onChange,
  onClose,
}: Parameters<typeof TakeBack>[0] & { onClose(): void }): ReactNode {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const leaving = items.filter(({ ticketId }) => chosen.has(ticketId));
  const back = leaving.reduce((sum, { price }) => sum + price, 0);
  const goesBack = paidElsewhere
    ? ELSEWHERE
    : back > 0
      ? `The buyer gets ${money(back, currency)} back.`
      : '';
  const form = useForm({ note: 'The reason', ticketIds: '' }, async ({ note = '' }) => {
    const body = { ticketIds: leaving.map(({ ticketId }) => ticketId), ...(note.trim() && { note }) };
    const answer = await api('POST', `/api/orders/${id}/returns`, { body });
    if (!answer.ok) return answer;
    say(`${leaving.length === 1 ? 'It was' : `${leaving.length} were`} taken back.`);
    onClose();
    await onChange();
    return answer;
  });
  const choose = (ticketId: string, take: boolean) =>
    setChosen(new Set(take ? [...chosen, ticketId] : [...chosen].filter((one) => one !== ticketId)));
  return (
    <Dialog title="Take some back" onClose={onClose}>
      <form {...form.attributes} className={ui['stack']}>
        <fieldset className={ui['stack']}>
          <legend>Which</legend>
          {items.map((item) => (
            <label key={item.ticketId} className={ui['check']}>
              <input
                type="checkbox"
                checked={chosen.has(item.ticketId)}
                onChange={({ target }) => choose(item.ticketId, target.checked)}
              />
              <span>
                <Called {...item} /> <span>{money(item.price, currency)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field
          {...form.field('note')}
          label="Why"
          maxLength={200}
          hint="Optional. The buyer reads it on their order."
        />
        <p role="status">{leaving.length > 0 && `${goesBack} Others can have what is free then.`.trim()}</p>
        <Refusal why={form.problem ?? ''} />
        <div className={ui['row']}>
          <Button danger type="submit" busy={form.busy} disabled={leaving.length === 0}>
            {leaving.length > 1 ? `Take ${leaving.length} back` : 'Take it back'}
          </Button>
          <Button quiet onClick={onClose}>
            Keep all
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
