import { forgetTicketsBut } from './kept.ts';
import { storage } from './storage.ts';

/** What somebody typed, in this tab alone: a session that ends takes none of it away, and nobody else gets to see it. */
interface Typed {
  by: string;
  values: Record<string, string>;
}

const PREFIX = 'typed ';
export const NOBODY = '';
/** Of what nobody typed yet who signs in next: it is there for them. */
export const ANYBODY = '*';

const read = (key: string) => JSON.parse(storage('sessionStorage')?.getItem(key) ?? 'null') as Typed | null;

/** Keeps what is in a form; never a password, nor a card. */
export function keepTyped(name: string, by: string | undefined, form: HTMLFormElement): void {
  const values: Record<string, string> = {};
  const inputs = form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(
    'input, textarea, select',
  );
  for (const input of inputs) if (!/password|cc-/.test(input.autocomplete)) values[input.name] = input.value;
  keepValues(name, by, values);
}

/** Keeps what a page knows to be typed, where inputs come and go. */
export const keepValues = (name: string, by: string | undefined, values: Record<string, string>): void =>
  storage('sessionStorage')?.setItem(PREFIX + name, JSON.stringify({ by: by ?? NOBODY, values }));

/** What the same person typed into it before. */
export function typedBefore(name: string, by: string | undefined): Record<string, string> | undefined {
  const typed = read(PREFIX + name);
  return typed?.by === (by ?? NOBODY) || typed?.by === ANYBODY ? typed.values : undefined;
}

export const forgetTyped = (name: string): void => storage('sessionStorage')?.removeItem(PREFIX + name);

/** Forgets what is not of this person; all of it, without one. What waited for whoever signs in is theirs from now on. */
export function forgetOthers(by?: string): void {
  for (const key of Object.keys(storage('sessionStorage') ?? {}).filter((one) => one.startsWith(PREFIX))) {
    const typed = read(key);
    if (by === undefined || (typed?.by !== by && typed?.by !== ANYBODY))
      storage('sessionStorage')?.removeItem(key);
    else if (typed.by !== by && by !== NOBODY)
      storage('sessionStorage')?.setItem(key, JSON.stringify({ ...typed, by }));
  }
}

/** Who was signed in here last and has not signed out: if nobody is, their session has ended elsewhere, or was too old. */
const LAST = 'signed in';
export const rememberLast = (id: string): void => storage('localStorage')?.setItem(LAST, id);
export const isEnded = (): boolean => typeof storage('localStorage')?.getItem(LAST) === 'string';

/** Of who signs out themselves nothing stays. */
export function forgetLast(): void {
  storage('localStorage')?.removeItem(LAST);
  forgetTicketsBut(undefined);
  forgetOthers();
}
