'use client';

import { type ComponentProps, type ReactNode, useId } from 'react';
import styles from './ui.module.css';

export interface FieldProps extends Omit<ComponentProps<'input'>, 'id'> {
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

/** The fields of a form as they were typed. */
export const textsOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  );
