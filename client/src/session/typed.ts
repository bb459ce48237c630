/** What somebody typed, in this tab alone: a session that ends takes none of it away, and nobody else gets to see it. */
interface Typed {
  by: string;
  values: Record<string, string>;
}

const PREFIX = 'typed ';
const NOBODY = '';

const read = (key: string) => JSON.parse(sessionStorage.getItem(key) ?? 'null') as Typed | null;

/** Keeps what is in a form; never a password, nor a card. */
export function keepTyped(name: string, by: string | undefined, form: HTMLFormElement): void {
  const values: Record<string, string> = {};
  for (const input of form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea'))
    if (!/password|cc-/.test(input.autocomplete)) values[input.name] = input.value;
  sessionStorage.setItem(PREFIX + name, JSON.stringify({ by: by ?? NOBODY, values }));
}

/** What the same person typed into it before. */
export function typedBefore(name: string, by: string | undefined): Record<string, string> | undefined {
  const typed = read(PREFIX + name);
  return typed?.by === (by ?? NOBODY) ? typed.values : undefined;
}

export const forgetTyped = (name: string): void => sessionStorage.removeItem(PREFIX + name);

/** Forgets what is not of this person; of anybody, without one. */
export function forgetOthers(by?: string): void {
  for (const key of Object.keys(sessionStorage))
    if (key.startsWith(PREFIX) && read(key)?.by !== by) sessionStorage.removeItem(key);
}

/** Who was signed in here last and has not signed out: if nobody is, their session has ended elsewhere, or was too old. */
const LAST = 'signed in';
export const rememberLast = (id: string): void => localStorage.setItem(LAST, id);
export const isEnded = (): boolean => localStorage.getItem(LAST) !== null;

/** Of who signs out themselves nothing stays. */
export function forgetLast(): void {
  localStorage.removeItem(LAST);
  forgetOthers();
}
