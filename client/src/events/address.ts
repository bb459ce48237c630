import type { EventView } from '../api/types.ts';
import { LOCALE } from '../ui/format.ts';

type Venue = EventView['venue'];

const countries = new Intl.DisplayNames(LOCALE, { type: 'region' });

/** `['The Hall', 'Theaterplatz 1', 'Wien', 'Austria']`; an address may have several lines. */
export const addressOf = ({ name, address = '', city, country }: Venue): string[] => [
  name,
  ...address.split('\n').filter((line) => line.trim() !== ''),
  city,
  ...(country === undefined ? [] : [countries.of(country) ?? country]),
];

/** Where a map looks for it. */
export const mapOf = (venue: Venue): string =>
  `https://www.openstreetmap.org/search?${new URLSearchParams({ query: addressOf(venue).join(', ') })}`;
