import type { EventView } from '../api/types.ts';
import { LOCALE } from '../ui/format.ts';

type Venue = EventView['venue'];

let countries: Intl.DisplayNames | undefined;

/** `CH` → `Switzerland`. */
function countryCalled(country: string): string {
  countries ??= new Intl.DisplayNames(LOCALE, { type: 'region' });
  return countries.of(country) ?? country;
}

/** `['The Hall', 'Theaterplatz 1', 'Wien', 'Austria']`; an address may have several lines. */
export const addressOf = ({ name, address = '', city, country }: Venue): string[] => [
  name,
  ...address.split('\n').filter((line) => line.trim() !== ''),
  city,
  ...(country === undefined ? [] : [countryCalled(country)]),
];

/** Where a map looks for it. */
export const mapOf = (venue: Venue): string =>
  `https://www.openstreetmap.org/search?${new URLSearchParams({ query: addressOf(venue).join(', ') })}`;
