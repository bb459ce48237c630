'use client';

import { type ComponentProps, useEffect, useRef, useState } from 'react';
import type { Answer, Problem } from '../api/answer.ts';
import { usePerson } from '../session/keeper.tsx';
import { forgetTyped, keepTyped, typedBefore } from '../session/typed.ts';
import { type FieldProps, textsOf } from './field.tsx';
import { say } from './status.tsx';
import { useHydrated } from './time.tsx';

type Input = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface FormState<Name extends string> {
  busy: boolean;
  /** What is wrong with none of the fields. */
  problem: string | undefined;
  attributes: Pick<ComponentProps<'form'>, 'ref' | 'method' | 'noValidate' | 'onInput' | 'onSubmit'>;
  field(name: Name): Pick<FieldProps, 'name' | 'error'>;
  input(name: Name): Input | undefined;
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
  const hydrated = useHydrated();
  useEffect(() => {
    // Before, a choice has not all of its options.
    if (keep === undefined || !hydrated || !ref.current) return;
    let again = false;
    for (const [name, value] of Object.entries(typedBefore(keep, id) ?? {})) {
      const input = inputOf(ref.current, name);
      again ||= input !== undefined && input.value !== value;
      if (input) input.value = value;
    }
    if (again) say('What you typed before is here again.');
  }, [keep, id, hydrated]);
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
  const known = [HTMLInputElement, HTMLTextAreaElement, HTMLSelectElement];
  return known.some((kind) => input instanceof kind) ? (input as Input) : undefined;
}

const sentence = ({ detail }: Problem) => (/[.!?]$/.test(detail) ? detail : `${detail}.`);
