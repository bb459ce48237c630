import type { EventView } from '../api/types.ts';
import { addressOf } from './address.ts';

type Dated = Pick<
  EventView,
  'id' | 'version' | 'status' | 'title' | 'venue' | 'startsAt' | 'endsAt' | 'createdAt' | 'updatedAt'
>;

/** An event for a calendar (RFC 5545, iCalendar). A newer version takes the place of an older one there. */
export function calendarOf(event: Dated, url: string): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Ticketing//Events//EN',
    'BEGIN:VEVENT',
    `UID:${event.id}@${new URL(url).hostname}`,
    `SEQUENCE:${event.version}`,
    `DTSTAMP:${instant(event.updatedAt)}`,
    `CREATED:${instant(event.createdAt)}`,
    `LAST-MODIFIED:${instant(event.updatedAt)}`,
    `DTSTART:${instant(event.startsAt)}`,
    `DTEND:${instant(event.endsAt)}`,
    `SUMMARY:${escaped(event.title)}`,
    `LOCATION:${escaped(addressOf(event.venue).join(', '))}`,
    `URL:${url}`,
    `STATUS:${event.status === 'cancelled' ? 'CANCELLED' : 'CONFIRMED'}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** `2096-06-01T19:00:00.000Z` → `20960601T190000Z` */
const instant = (moment: string) => new Date(moment).toISOString().replace(/[-:]|\.\d+/g, '');

const escaped = (text: string) => text.replace(/[\\;,]/g, '\\$&').replace(/\r\n?|\n/g, '\\n');

/** So many octets has a line at most; what is longer goes on in the next, behind a space. */
const LONGEST = 75;

/** Never within a letter. */
function folded(line: string): string {
  const { length } = new TextEncoder().encode(line);
  if (length <= LONGEST) return line;
  let [text, octets] = ['', 0];
  for (const letter of line) {
    const size = new TextEncoder().encode(letter).length;
    if (octets + size > LONGEST) {
      text += '\r\n ';
      octets = 1;
    }
    text += letter;
    octets += size;
  }
  return text;
}
