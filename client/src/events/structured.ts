import { decimalsOf } from '@ticketing/common/currency';
import type { EventView, Tier } from '../api/types.ts';
import type { Hall } from './left.ts';
import { saleOf } from './words.ts';

/** What search engines read of an event: schema.org/Event as JSON-LD, for a script element that nothing in it can end. */
export function structured(event: EventView, hall: Hall, url: string, now: number): string {
  const { venue, organizer, postponedFrom, pictures = [] } = event;
  const told = {
    '@context': 'https://schema.org',
    '@type': 'Event',
    name: event.title,
    url,
    startDate: event.startsAt,
    endDate: event.endsAt,
    eventStatus: `https://schema.org/${
      event.status === 'cancelled'
        ? 'EventCancelled'
        : postponedFrom === undefined
          ? 'EventScheduled'
          : 'EventRescheduled'
    }`,
    ...(postponedFrom !== undefined && { previousStartDate: postponedFrom }),
    eventAttendanceMode: 'https://schema.org/OfflineEventAttendanceMode',
    ...(event.description && { description: event.description }),
    ...(pictures.length > 0 && { image: pictures.map(({ href }) => new URL(href, url).href) }),
    location: {
      '@type': 'Place',
      name: venue.name,
      address: {
        '@type': 'PostalAddress',
        ...(venue.address !== undefined && { streetAddress: venue.address }),
        addressLocality: venue.city,
        ...(venue.country !== undefined && { addressCountry: venue.country }),
      },
    },
    organizer: { '@type': 'Organization', name: organizer.name },
    offers: event.tiers.map((tier) => offerOf(tier, event, hall, url, now)),
  };
  return JSON.stringify(told).replace(/</g, '\\u003c');
}

const AVAILABLE = { soon: 'PreOrder', open: 'InStock', closed: 'Discontinued', gone: 'SoldOut' };

const offerOf = (
  tier: Tier,
  { currency, status, endsAt }: EventView,
  hall: Hall,
  url: string,
  now: number,
) => {
  const isOver = status === 'cancelled' || Date.parse(endsAt) <= now;
  const sale = isOver ? 'closed' : hall.get(tier.poolId)?.left === 0 ? 'gone' : saleOf(tier, now);
  return {
    '@type': 'Offer',
    name: tier.name,
    price: (tier.price / 10 ** decimalsOf(currency)).toFixed(decimalsOf(currency)),
    priceCurrency: currency.toUpperCase(),
    availability: `https://schema.org/${AVAILABLE[sale]}`,
    ...(tier.opensAt !== undefined && { validFrom: tier.opensAt }),
    ...(tier.closesAt !== undefined && { validThrough: tier.closesAt }),
    url,
  };
};
