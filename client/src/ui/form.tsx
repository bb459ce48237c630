'use client';

import { type ComponentProps, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { Answer, Problem } from '../api/answer.ts';
import { usePerson } from '../session/keeper.tsx';
import { forgetTyped, keepTyped, typedBefore } from '../session/typed.ts';
import { decimalOf, shownAmount } from './amount.ts';
import { say } from './status.tsx';
import styles from './ui.module.css';

interface FieldProps extends Omit<ComponentProps<'input'>, 'id'> {
  label: string;
  name: string;
  hint?: ReactNode;
  error?: string | undefined;
  rows?: number;
}

/** A labelled input, or a text area where `rows` is given, with its hint and what is wrong with it. */
export function Field({ label, hint, error, rows, ...props }: FieldProps): ReactNode {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-wrong`].filter(Boolean).join(' ');
  const common = {
    id,
    dir: 'auto',
    className: styles['input'],
    'aria-invalid': error !== undefined || undefined,
    'aria-describedby': described || undefined,
  };
  return (
    <div className={styles['field']}>
      <label htmlFor={id}>{label}</label>
      {rows === undefined ? (
        <input {...props} {...common} />
      ) : (
        <textarea
          {...common}
          name={props.name}
          rows={rows}
          maxLength={props.maxLength}
          defaultValue={props.defaultValue}
        />
      )}
      {hint && (
        <p className={styles['hint']} id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p className={styles['wrong']} id={`${id}-wrong`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** A field for an amount, which is shown as it was understood when one leaves it. */
export const AmountField = ({
  currency,
  ...props
}: Omit<FieldProps, 'inputMode' | 'onBlur'> & { currency: string }): ReactNode => (
  <Field
    {...props}
    inputMode="decimal"
    onBlur={({ currentTarget: input }) => {
      const shown = shownAmount(input.value, currency, decimalOf(navigator.language));
      if (shown === input.value) return;
      input.value = shown;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }}
  />
);

interface FormState<Name extends string> {
  busy: boolean;
  /** What is wrong with none of the fields. */
  problem: string | undefined;
  attributes: Pick<ComponentProps<'form'>, 'ref' | 'method' | 'noValidate' | 'onInput' | 'onSubmit'>;
  field(name: Name): Pick<FieldProps, 'name' | 'error'>;
  input(name: Name): HTMLInputElement | HTMLTextAreaElement | undefined;
}

/**
 * A form whose inputs keep what was typed. `work` gets the fields, asks the API, and says what came of it; a refusal
 * stands beside the fields that it is about, called by their `names`, and the first of them gets the focus. Under the name `keep`
 * what was typed is there again for the same person, who had to sign in meanwhile.
 */
export function useForm<Name extends string>(
  names: Readonly<Record<Name, string>>,
  work: (values: Record<string, string>) => Promise<Pick<Answer<unknown>, 'ok'> | Problem>,
  { keep }: { keep?: string } = {},
): FormState<Name> {
  const ref = useRef<HTMLFormElement>(null);
  const id = usePerson()?.id;
  useEffect(() => {
    if (keep === undefined || !ref.current) return;
    let again = false;
    for (const [name, value] of Object.entries(typedBefore(keep, id) ?? {})) {
      const input = inputOf(ref.current, name);
      again ||= input !== undefined && input.value !== value;
      if (input) input.value = value;
    }
    if (again) say('What you typed before is here again.');
  }, [keep, id]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const about = (field: string) =>
    problem?.errors.find((error) => error.field === field || error.field?.startsWith(`${field}.`));
  const submit = async (form: HTMLFormElement) => {
    setBusy(true);
    const outcome = await work(textsOf(form));
    setBusy(false);
    setProblem(outcome.ok ? undefined : (outcome as Problem));
    if (outcome.ok) {
      if (keep !== undefined) forgetTyped(keep);
      return;
    }
    const first = (outcome as Problem).errors.find(
      ({ field }) => field !== undefined && (field.split('.')[0] ?? '') in names,
    );
    if (first?.field !== undefined) inputOf(form, first.field.split('.')[0] ?? '')?.focus();
  };
  return {
    busy,
    problem: problem && !Object.keys(names).some((name) => about(name)) ? sentence(problem) : undefined,
    attributes: {
      ref,
      method: 'post',
      noValidate: true,
      onInput({ currentTarget }) {
        if (keep !== undefined) keepTyped(keep, id, currentTarget);
      },
      onSubmit(event) {
        event.preventDefault();
        if (!busy) void submit(event.currentTarget);
      },
    },
    field(name) {
      const error = about(name);
      return { name, error: error && `${names[name]} ${error.message}`.trim() };
    },
    input: (name) => (ref.current ? inputOf(ref.current, name) : undefined),
  };
}

function inputOf(form: HTMLFormElement, name: string) {
  const input = form.elements.namedItem(name);
  return input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement ? input : undefined;
}

/** The fields of a form as they were typed. */
export const textsOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  );

const sentence = ({ detail }: Problem) => (/[.!?]$/.test(detail) ? detail : `${detail}.`);
