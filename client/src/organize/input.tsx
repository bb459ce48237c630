'use client';

import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { Field, type FieldProps } from '../ui/field.tsx';
import ui from '../ui/ui.module.css';
import { withPlain } from './change.ts';
import { type Draft, PLAIN, type Plain } from './draft.ts';

/** What is typed, how it changes, and what is wrong with it by the names of its fields. */
export interface Form {
  draft: Draft;
  change(next: Draft): void;
  wrong: ReadonlyMap<string, string>;
  /** What orders hold stays: it is published. */
  fixed: boolean;
}

export interface InputProps extends Omit<FieldProps, 'name' | 'value' | 'error' | 'onChange' | 'form'> {
  form: Form;
  name: string;
  /** What it is called where something is wrong with it. */
  noun?: string;
  value: string;
  put(value: string): void;
}

/** A field of the editor; its name is that of the API, so that what is wrong finds it. */
export function Input({ form, name, noun, value, put, ...props }: InputProps): ReactNode {
  const wrong = form.wrong.get(name);
  return (
    <Field
      {...props}
      name={name}
      value={value}
      error={wrong === undefined ? undefined : `${noun ?? props.label} ${wrong}`}
      onChange={({ target }) => put(target.value)}
    />
  );
}

export type PlainProps = Omit<InputProps, 'name' | 'value' | 'put' | 'label'> & {
  name: Plain;
  label?: string;
};

export const PlainInput = ({ form, name, ...props }: PlainProps): ReactNode => (
  <Input
    label={PLAIN[name]}
    {...props}
    form={form}
    name={name}
    value={form.draft.plain[name]}
    put={(value) => form.change(withPlain(form.draft, name, value))}
  />
);

/** Years of four digits: whoever types goes on at the hours. */
const LAST = '2099-12-31T23:59';
const OFFSET = /\d{4}-\d\d-\d\dT\d\d:\d\d([+-]\d\d:\d\d)/g;

/** A local time at the venue. Where clocks show it twice, it is asked which of the two is meant. */
export function TimeInput(props: InputProps): ReactNode {
  const { form, name, value, put } = props;
  const choices = [...(form.wrong.get(name)?.matchAll(OFFSET) ?? [])];
  const [, offset] = /([+-]\d\d:\d\d)$/.exec(value.slice(16)) ?? [];
  return (
    <div className={ui['field']}>
      <Input
        hint={offset !== undefined && `The one that is ${offset} from UTC.`}
        {...props}
        type="datetime-local"
        max={LAST}
        value={value.slice(0, 16)}
      />
      {choices.length > 0 && (
        <div className={ui['row']}>
          {choices.map(([whole, shift]) => (
            <Button key={whole} quiet small onClick={() => put(whole)}>
              {`The one at UTC${shift ?? ''}`}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

export const PlainTime = ({ form, name, ...props }: PlainProps): ReactNode => (
  <TimeInput
    label={PLAIN[name]}
    {...props}
    form={form}
    name={name}
    value={form.draft.plain[name]}
    put={(value) => form.change(withPlain(form.draft, name, value))}
  />
);
