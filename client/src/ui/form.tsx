'use client';

import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import type { Answer, Problem } from '../api/answer.ts';
import { decimalOf, shownAmount } from './amount.ts';
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
export const AmountField = (props: Omit<FieldProps, 'inputMode' | 'onBlur'>): ReactNode => (
  <Field
    {...props}
    inputMode="decimal"
    onBlur={({ currentTarget: input }) => {
      input.value = shownAmount(input.value, decimalOf(navigator.language));
    }}
  />
);

interface FormState<Name extends string> {
  busy: boolean;
  /** What is wrong with none of the fields. */
  problem: string | undefined;
  attributes: Pick<ComponentProps<'form'>, 'method' | 'noValidate' | 'onSubmit'>;
  field(name: Name): Pick<FieldProps, 'name' | 'error'>;
}

/**
 * A form whose inputs keep what was typed. `work` gets the fields, asks the API, and says what came of it; a refusal
 * stands beside the fields that it is about, called by their `names`, and the first of them gets the focus.
 */
export function useForm<Name extends string>(
  names: Readonly<Record<Name, string>>,
  work: (values: Record<string, string>) => Promise<Pick<Answer<unknown>, 'ok'> | Problem>,
  { stays = false } = {},
): FormState<Name> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const about = (field: string) =>
    problem?.errors.find((error) => error.field === field || error.field?.startsWith(`${field}.`));
  const submit = async (form: HTMLFormElement) => {
    setBusy(true);
    const outcome = await work(textsOf(form));
    // A form that leads elsewhere stays busy until it is gone.
    if (!outcome.ok || stays) setBusy(false);
    setProblem(outcome.ok ? undefined : (outcome as Problem));
    if (outcome.ok) return;
    const first = (outcome as Problem).errors.find(
      ({ field }) => field !== undefined && (field.split('.')[0] ?? '') in names,
    );
    const input = first && form.elements.namedItem(first.field?.split('.')[0] ?? '');
    if (input instanceof HTMLElement) input.focus();
  };
  return {
    busy,
    problem: problem && !Object.keys(names).some((name) => about(name)) ? sentence(problem) : undefined,
    attributes: {
      method: 'post',
      noValidate: true,
      onSubmit(event) {
        event.preventDefault();
        if (!busy) void submit(event.currentTarget);
      },
    },
    field(name) {
      const error = about(name);
      return { name, error: error && `${names[name]} ${error.message}` };
    },
  };
}

/** The fields of a form as they were typed. */
export const textsOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  );

const sentence = ({ detail }: Problem) => (/[.!?]$/.test(detail) ? detail : `${detail}.`);
