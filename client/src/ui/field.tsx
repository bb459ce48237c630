'use client';

import { type ChangeEventHandler, type ComponentProps, type ReactNode, useId } from 'react';
import styles from './ui.module.css';

type Inputs = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export interface FieldProps extends Omit<ComponentProps<'input'>, 'id' | 'onChange'> {
  label: string;
  name: string;
  hint?: ReactNode;
  error?: string | undefined;
  rows?: number;
  onChange?: ChangeEventHandler<Inputs>;
}

/** A labelled input, a text area where `rows` is given, or a choice of `children`, with its hint and what is wrong with it. */
export function Field({ label, hint, error, rows, children, ...props }: FieldProps): ReactNode {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-wrong`].filter(Boolean).join(' ');
  const common = {
    id,
    dir: 'auto',
    className: styles['input'],
    'aria-invalid': error !== undefined || undefined,
    'aria-describedby': described || undefined,
  };
  const { name, value, defaultValue, maxLength, onChange } = props;
  const own = { name, value, defaultValue, onChange, ...common };
  const input = () => {
    if (children !== undefined)
      return (
        <select {...own} dir={undefined}>
          {children}
        </select>
      );
    if (rows === undefined) return <input {...props} {...common} />;
    return <textarea {...own} maxLength={maxLength} rows={rows} />;
  };
  return (
    <div className={styles['field']}>
      <label htmlFor={id}>{label}</label>
      {input()}
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
