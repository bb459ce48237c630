import { leastOf } from '@ticketing/common/chargeable';
import { stepOf } from '@ticketing/common/currency';

/** The sample users of `npm run seed`; the password is printed, so they are for a suite on one's own machine only. */
export const PASSWORD = 'tickets-please';
export const SELLERS = ['seller@example.com', 'theatre@example.com', 'sports@example.com'] as const;
export const USERS = [...SELLERS, 'buyer@example.com', 'friend@example.com'] as const;

interface Sample {
  seller: (typeof SELLERS)[number];
  title: string;
  description?: string;
  /** US cents; in another market about as much. */
  price: number;
}

/** About as much in another currency, since the least that is charged is worth about the same in each. */
export const priceIn = (cents: number, currency: string): number => {
  const exact = (cents / leastOf('usd')) * leastOf(currency);
  return Math.round(exact / stepOf(currency)) * stepOf(currency);
};

/** What is sold together is in one list. */
export type Sale = readonly Sample[];

const [MUSIC, THEATRE, SPORTS] = SELLERS;

const one = (seller: Sample['seller'], title: string, price: number, description?: string): Sale => [
  { seller, title, price, ...(description !== undefined && { description }) },
];

const seats = (
  seller: Sample['seller'],
  event: string,
  price: number,
  places: readonly string[],
  description: string,
): Sale => places.map((place) => ({ seller, title: `${event}, ${place}`, price, description }));

export const SALES: readonly Sale[] = [
  seats(
    MUSIC,
    'String Quartet No. 14 at the Old Granary',
    4800,
    ['row 3 seat 11', 'row 3 seat 12'],
    'Two together, aisle.',
  ),
  one(MUSIC, 'Open-air: The Harbour Lights', 6500, 'Standing, gates open at six.'),
  one(MUSIC, 'Jazz at Midnight: Lena Okafor Trio', 3200, 'Table seat, one drink included.'),
  seats(
    THEATRE,
    'The Cherry Orchard',
    4200,
    ['stalls C7', 'stalls C8', 'stalls C9'],
    'Municipal Theatre, first night.',
  ),
  one(THEATRE, 'A Midsummer Night’s Dream in the park', 1500, 'Bring a blanket.'),
  one(SPORTS, 'City Marathon start number', 8900, 'May be passed on until Thursday.'),
  seats(
    SPORTS,
    'Cup final: Rovers v. Albion',
    7400,
    ['block 12 row F seat 1', 'block 12 row F seat 2', 'block 12 row F seat 3', 'block 12 row F seat 4'],
    'South stand, covered.',
  ),
  one(MUSIC, 'Train Hamburg – Vienna, night of 12 June', 7990, 'Couchette, lower berth.'),
  seats(
    MUSIC,
    'Train London – Edinburgh, 3 July 10:00',
    5650,
    ['coach B seat 21', 'coach B seat 22'],
    'Facing forward, table.',
  ),
  one(THEATRE, 'Puppet show: The Snow Queen', 900, 'From four years on.'),
  one(THEATRE, 'Improvised comedy, late show', 1800),
  one(SPORTS, 'Indoor athletics, day pass', 2600),
  seats(MUSIC, 'Requiem in the Cathedral', 3900, ['nave 40', 'nave 41'], 'Unheated: dress warmly.'),
  one(SPORTS, 'Tennis open, quarter-final, court 2', 11_500, 'Afternoon session.'),
  one(MUSIC, 'Festival weekend pass: Three Rivers', 18_900, 'Camping included.'),
  one(THEATRE, 'Opera: The Magic Flute, gallery', 2400, 'Restricted view.'),
  one(THEATRE, 'Ballet gala, box 5', 9600),
  one(SPORTS, 'Ice hockey: Bears v. Comets', 3400, 'Seat behind the goal.'),
  one(MUSIC, 'Organ recital at noon', 800),
  seats(SPORTS, 'Six-day cycling, Friday', 2950, ['inner ring', 'curve 2'], 'Racing until midnight.'),
  one(MUSIC, 'Train Paris – Nice, 21 August 14:07', 6900, 'Upper deck, window.'),
  one(THEATRE, 'Reading: Letters from the North', 1200),
];

/** An event with all that one must have, which is far ahead; what it sells is for who makes it to say. */
export const EVENT = {
  title: 'Evening of songs',
  category: 'concert',
  organizer: { name: 'The hall' },
  venue: { name: 'Hall', city: 'Bern' },
  zone: 'Europe/Zurich',
  starts: '2096-12-24T19:00',
  ends: '2096-12-24T22:00',
};
