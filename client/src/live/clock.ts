let ahead = 0;

/** The server's clock, in milliseconds: holds run out by its time, and a visitor's clock may be wrong. */
export const serverNow = (): number => Date.now() + ahead;

/** Sets it by the `Date` header of an answer, which has whole seconds. */
export function setClock(date: string | null): void {
  const offset = Date.parse(date ?? '') + 500 - Date.now();
  if (Math.abs(offset - ahead) > 1000) ahead = offset;
}
