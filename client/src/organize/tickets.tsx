'use client';

import { type ReactNode, useRef } from 'react';
import { flushSync } from 'react-dom';
import { LEAST } from '@ticketing/common/chargeable';
import { clearAmount, currencyName, decimalOf, shownAmount } from '../ui/amount.ts';
import { Button } from '../ui/button.tsx';
import { useHydrated } from '../ui/time.tsx';
import ui from '../ui/ui.module.css';
import { withNewPool, withNewTier, withoutPool, withoutTier, withTier } from './change.ts';
import type { Draft, TierDraft } from './draft.ts';
import { type Form, Input, PlainInput, PlainTime, TimeInput } from './input.tsx';
import styles from './organize.module.css';
import { PoolFields } from './pool.tsx';
import { Section } from './section.tsx';

/** What the places of a pool are called, in a choice. */
const poolName = (draft: Draft, at: number) => {
  const pool = draft.pools[at];
  const blocks = pool?.kind === 'seats' ? pool.blocks.map(({ name }) => name).filter(Boolean) : [];
  const said = blocks.length > 0 ? blocks.join(', ') : pool?.capacity;
  return `Places ${at + 1}${said ? ` (${said})` : ''}`;
};

/** What there is to sell: places, and what each kind of ticket for them costs. */
export function Tickets({ form }: { form: Form }): ReactNode {
  const { draft, change, fixed } = form;
  const { pools, tiers } = draft;
  const more = useRef<HTMLDivElement>(null);
  // Browsers differ from the server in what they call some.
  const hydrated = useHydrated();
  /** What had the focus goes: whoever moves by key goes on at what adds another. */
  const remove = (next: Draft) => {
    change(next);
    more.current?.querySelector('button')?.focus();
  };
  /** Whoever adds something goes on in it. */
  const add = (next: Draft, name: string) => {
    flushSync(() => change(next));
    document.getElementsByName(name)[0]?.focus();
  };
  return (
    <Section id="tickets" title="Places and tickets">
      <PlainInput form={form} name="currency" label="Currency of all prices">
        {Object.keys(LEAST).map((code) => (
          <option key={code} value={code}>
            {hydrated ? `${code.toUpperCase()}: ${currencyName(code)}` : code.toUpperCase()}
          </option>
        ))}
      </PlainInput>
      {pools.map((pool, at) => (
        <fieldset key={pool.key} className={styles['group']}>
          <legend>{`Places ${at + 1}`}</legend>
          <PoolFields form={form} pool={pool} at={at} />
          {!(fixed && pool.id) && (
            <div>
              <Button quiet small onClick={() => remove(withoutPool(draft, pool.key))}>
                {`Remove places ${at + 1}`}
              </Button>
            </div>
          )}
        </fieldset>
      ))}
      {tiers.map((tier, at) => (
        <fieldset key={tier.key} className={styles['group']}>
          <legend>{`Ticket ${at + 1}`}</legend>
          <TierFields form={form} tier={tier} at={at} />
          {!(fixed && tier.id) && (
            <div>
              <Button quiet small onClick={() => remove(withoutTier(draft, tier.key))}>
                {`Remove ticket ${at + 1}`}
              </Button>
            </div>
          )}
        </fieldset>
      ))}
      <div className={ui['row']} ref={more}>
        <Button
          quiet
          onClick={() =>
            add(withNewTier(draft), pools.length === 0 ? 'pools.0.kind' : `tiers.${tiers.length}.name`)
          }
        >
          Add a ticket
        </Button>
        {tiers.length > 0 && (
          <Button quiet onClick={() => add(withNewPool(draft), `pools.${pools.length}.kind`)}>
            Add other places
          </Button>
        )}
      </div>
      <div className={styles['pair']}>
        <PlainTime
          form={form}
          name="returns.until"
          noun="The day until which people may give back"
          hint="Optional. Until then buyers may give their tickets back."
        />
        <PlainInput
          form={form}
          name="returns.feePercent"
          noun="What is kept"
          inputMode="numeric"
          hint="Optional. What you keep of the price."
        />
      </div>
      <PlainInput form={form} name="reentry" label="Who goes out">
        <option value="">does not come in again</option>
        <option value="yes">may come in again</option>
      </PlainInput>
    </Section>
  );
}

function TierFields({ form, tier, at }: { form: Form; tier: TierDraft; at: number }): ReactNode {
  const { draft, change } = form;
  const { currency } = draft.plain;
  const to = (name: keyof TierDraft) => ({
    form,
    name: `tiers.${at}.${name}`,
    value: tier[name],
    put: (value: string) => change(withTier(draft, tier.key, { [name]: value })),
  });
  return (
    <>
      <div className={styles['pair']}>
        <Input label="Name of the ticket" {...to('name')} maxLength={100} placeholder="Standing, Under 18" />
        <Input
          label={`Price, in ${currencyName(currency)}`}
          noun="The price"
          {...to('price')}
          inputMode="decimal"
          hint="Tax included; 0 is free."
          onBlur={({ currentTarget }) => {
            const decimal = decimalOf(navigator.language);
            // As a draft has it, so that what nobody has changed stays the same.
            const price = shownAmount(currentTarget.value, currency, decimal, clearAmount);
            if (price !== tier.price) change(withTier(draft, tier.key, { price }));
          }}
        />
      </div>
      {draft.pools.length > 1 || form.wrong.has(`tiers.${at}.pool`) ? (
        <Input label="For which places" {...to('pool')}>
          {!draft.pools.some(({ key }) => key === tier.pool) && (
            <option value={tier.pool}>Choose some</option>
          )}
          {draft.pools.map(({ key }, index) => (
            <option key={key} value={key}>
              {poolName(draft, index)}
            </option>
          ))}
        </Input>
      ) : null}
      <div className={styles['pair']}>
        <Input
          label="Most for one person"
          {...to('limit')}
          hint="Optional. “none”: also of what is free, of which one is the most."
        />
        <Input
          label="Tax in the price, in percent"
          noun="The tax"
          {...to('taxRate')}
          inputMode="decimal"
          hint="Optional."
        />
      </div>
      <div className={styles['pair']}>
        <TimeInput label="Sale opens" {...to('opens')} hint="Optional. Else when you publish it." />
        <TimeInput label="Sale closes" {...to('closes')} hint="Optional. Else when the event ends." />
      </div>
      <label className={ui['check']}>
        <input
          type="checkbox"
          name={`tiers.${at}.hidden`}
          checked={tier.hidden === 'yes'}
          onChange={({ target }) =>
            change(withTier(draft, tier.key, { hidden: target.checked ? 'yes' : '' }))
          }
        />
        <span>Hidden: only a code shows it</span>
      </label>
    </>
  );
}
