import { TZDate } from '@date-fns/tz';
import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { tzlib_get_ical_block, tzlib_get_offset } from 'timezones-ical-library';
import type { KnownEvent } from './domain/record.ts';

type Dated = Pick<
  KnownEvent,
  | '_id'
  | 'version'
  | 'status'
  | 'title'
  | 'venue'
  | 'zone'
  | 'startsAt'
  | 'endsAt'
  | 'createdAt'
  | 'updatedAt'
>;

/** An event for a calendar (RFC 5545, iCalendar), at the venue's time. A newer version takes the place of an older one there. */
export function calendarOf({ _id, version, status, title, venue, zone, ...event }: Dated): string {
  const isOff = status === 'cancelled';
  const { startsAt, endsAt, createdAt, updatedAt } = event;
  const defined = definedZone(zone, startsAt, endsAt);
  const local = (at: Date) => (defined ? new TZDate(at, zone) : at);
  const calendar = ical({
    prodId: '//Ticketing//Tickets//EN',
    method: isOff ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.PUBLISH,
    ...(defined && { timezone: { name: null, generator: () => defined.block } }),
  });
  calendar.createEvent({
    id: `${_id}@ticketing`,
    sequence: version,
    stamp: updatedAt,
    created: createdAt,
    lastModified: updatedAt,
    start: local(startsAt),
    end: local(endsAt),
    ...(defined && { timezone: defined.name }),
    summary: title,
    location: [venue.name, venue.address, venue.city].filter(Boolean).join(', '),
    status: isOff ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
  });
  return calendar.toString();
}

/**
 * The definition of a zone, under the name that it has there. None where it has other clocks at one of the moments than this Node
 * knows, as they were changed since one of both: UTC is right then.
 */
function definedZone(zone: string, ...moments: Date[]) {
  const [block = '', name = ''] = tzlib_get_ical_block(zone);
  const isRight = moments.every((moment) => {
    const local = new TZDate(moment, zone).toISOString();
    const [date = '', time = ''] = local.split('T');
    return tzlib_get_offset(zone, date, time.slice(0, 5)) === local.slice(-6).replace(':', '');
  });
  return block !== '' && isRight ? { block, name: name.replace(/^TZID=/, '') } : undefined;
}
