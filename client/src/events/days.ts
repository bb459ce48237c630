import { dateIn, zoneOrUtc } from '../ui/format.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

const FRIDAY = 5;
const SATURDAY = 6;
/** A weekend begins on Friday at six. */
const EVENING = 18;

/** By how much the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
function aheadAt(moment: number, timeZone: string): number {
  // Swedish writes dates as ISO 8601 does.
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return Date.parse(`${wall.format(moment).replace(' ', 'T')}Z`) - Math.floor(moment / 1000) * 1000;
}

/** `2026-11-27` → the day after, or so many later. */
export const daysAfter = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10);

/** Whether there is such a day. */
export const isDay = (date: string): boolean =>
  /^20\d\d-\d\d-\d\d$/.test(date) && Date.parse(date) > 0 && daysAfter(date, 0) === date;

/** When a day begins in a zone: at midnight, or where clocks jump over that as they go on. */
export function beginOf(date: string, zone: string): number {
  const timeZone = zoneOrUtc(zone);
  const wall = Date.parse(date);
  // A day before and after, as no clock is further from UTC.
  const moments = [aheadAt(wall - DAY, timeZone), aheadAt(wall + DAY, timeZone)]
    .map((ahead) => wall - ahead)
    .filter((moment) => dateIn(timeZone, moment) === date);
  return moments.length === 0 ? wall : Math.min(...moments);
}

/** This weekend, or else the next one, by the days of a zone: from when, and until when. */
export function weekendAt(now: number, zone: string): { since: number; until: number } {
  const today = dateIn(zone, now);
  const day = new Date(today).getUTCDay();
  const friday = daysAfter(today, day === 0 ? -2 : day === SATURDAY ? -1 : FRIDAY - day);
  return {
    since: beginOf(friday, zone) + EVENING * HOUR,
    until: beginOf(daysAfter(friday, 3), zone),
  };
}
