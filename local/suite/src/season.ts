import { SELLERS } from './samples.ts';

const [MUSIC, THEATRE, SPORTS] = SELLERS;

/** An event of the sample season, at times that are some days from now. */
export interface SampleEvent {
  organizer: (typeof SELLERS)[number];
  event: {
    title: string;
    currency: string;
    tiers: readonly { name: string; price: number; [field: string]: unknown }[];
    [field: string]: unknown;
  };
  /** Days from now; or the coming Saturday. */
  day: number | 'saturday';
  from: string;
  /** Of the last day. */
  to: string;
  /** So many days after the first one is the last. */
  lasts?: number;
  /** The picture is drawn for this text; those without it show what a page draws. */
  picture?: string;
  /** What its box office has sold: so many of a tier, or these places. */
  sold?: readonly { tier: number; quantity?: number; places?: readonly number[] }[];
  cancelled?: true;
}

const rows = (labels: string, seats: number) => Array.from(labels, (label) => ({ label, seats }));
const blocks = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: `Block ${first + n}`, rows: rows('ABCDEFGH', 14) }));
/** Places of so many that are not beside each other, from one on: as buyers choose. */
const scattered = (count: number, first: number, of: number) =>
  Array.from({ length: count }, (_, n) => first + ((n * 37) % (of - first)));

/** What organizers sell, each in its own currency: with two decimals, with none, with three. */
export const SEASON: readonly SampleEvent[] = [
  {
    organizer: SPORTS,
    event: {
      title: 'Rovers v. Albion',
      description: 'League, matchday 14. *Gates open at half past one.*',
      category: 'sports',
      organizer: { name: 'Rovers FC' },
      venue: { name: 'Dockside Stadium', address: 'Dockside Road', city: 'London', country: 'GB' },
      zone: 'Europe/London',
      currency: 'gbp',
      pools: [
        { blocks: blocks(1, 4), held: [{ from: 0, to: 13 }] },
        { blocks: blocks(5, 4) },
        { blocks: blocks(9, 4) },
      ],
      tiers: [
        { name: 'Main stand, blocks 1 to 4', pool: 0, price: 6200, taxRate: 2000 },
        { name: 'Opposite stand, blocks 5 to 8', pool: 1, price: 4400, taxRate: 2000 },
        { name: 'Behind the goals, blocks 9 to 12', pool: 2, price: 2800, taxRate: 2000 },
      ],
    },
    day: 22,
    from: '15:00',
    to: '17:00',
    picture: 'a stadium',
    sold: [
      { tier: 0, places: scattered(90, 14, 448) },
      { tier: 1, places: scattered(60, 0, 448) },
    ],
  },
  {
    organizer: MUSIC,
    event: {
      title: 'Nachtfrequenz',
      description: 'House and breaks until five. *Cash and card at the bar.*',
      category: 'club',
      organizer: { name: 'Nachtfrequenz Kollektiv' },
      venue: { name: 'Kesselhaus', address: 'Am Kanal 7', city: 'Berlin', country: 'DE' },
      zone: 'Europe/Berlin',
      currency: 'eur',
      pools: [{ capacity: 150 }],
      tiers: [{ name: 'Entry', price: 1800, taxRate: 1900, limit: 4 }],
    },
    day: 'saturday',
    from: '23:00',
    to: '05:00',
    lasts: 1,
    picture: 'a club at night',
    sold: [
      { tier: 0, quantity: 100 },
      { tier: 0, quantity: 41 },
    ],
  },
  {
    organizer: THEATRE,
    event: {
      title: 'How rivers remember',
      description: 'A lecture with questions. Doors at six; **no ticket is charged**.',
      category: 'community',
      organizer: { name: 'Volkshochschule' },
      venue: { name: 'Aula', address: 'Rämistrasse 71', city: 'Zürich', country: 'CH' },
      zone: 'Europe/Zurich',
      currency: 'chf',
      pools: [{ capacity: 80 }],
      tiers: [{ name: 'Seat', price: 0, limit: 2 }],
    },
    day: 6,
    from: '18:30',
    to: '20:00',
    picture: 'a free lecture',
  },
  {
    organizer: THEATRE,
    event: {
      title: 'Small Systems Conference',
      description: '## Two days\n\n- talks on the first\n- workshops on the second\n\nLunch is included.',
      category: 'conference',
      organizer: { name: 'Small Systems Inc.' },
      venue: { name: 'Pier Hall', address: '12 Water Street', city: 'New York', country: 'US' },
      zone: 'America/New_York',
      currency: 'usd',
      pools: [{ capacity: 250 }, { capacity: 24 }],
      tiers: [
        { name: 'Early bird', pool: 0, price: 19_900 },
        { name: 'Regular', pool: 0, price: 29_900 },
        { name: 'Student', pool: 0, price: 7900, limit: 1 },
        { name: 'Workshop: queues by hand', pool: 1, price: 12_500 },
      ],
    },
    day: 40,
    from: '09:00',
    to: '17:30',
    lasts: 1,
    picture: 'small systems',
    sold: [{ tier: 3, quantity: 22 }],
  },
  {
    organizer: MUSIC,
    event: {
      title: 'Lena Okafor Trio',
      description: 'Two sets, one interval.',
      category: 'concert',
      organizer: { name: 'Harbour Nights' },
      venue: { name: 'Armazém 9', city: 'Lisboa', country: 'PT' },
      zone: 'Europe/Lisbon',
      currency: 'eur',
      pools: [{ capacity: 60 }],
      tiers: [{ name: 'Table seat', price: 3200, taxRate: 600 }],
    },
    day: 13,
    from: '21:00',
    to: '23:30',
    picture: 'a trio',
    sold: [{ tier: 0, quantity: 60 }],
  },
  {
    organizer: MUSIC,
    event: {
      title: 'The Harbour Lights, open air',
      category: 'festival',
      organizer: { name: 'Harbour Nights' },
      venue: { name: 'Parc du Quai', city: 'Marseille', country: 'FR' },
      zone: 'Europe/Paris',
      currency: 'eur',
      pools: [{ capacity: 4000 }],
      tiers: [{ name: 'Standing', price: 4500, taxRate: 550 }],
    },
    day: 30,
    from: '18:00',
    to: '23:00',
    picture: 'lights over a harbour',
    cancelled: true,
  },
  {
    organizer: THEATRE,
    event: {
      title: 'The Winter’s Tale',
      description: '*By William Shakespeare.* Two hours and a half, one interval.',
      category: 'theatre',
      organizer: { name: 'Municipal Theatre' },
      venue: { name: 'Municipal Theatre', address: 'Theaterplatz 1', city: 'Wien', country: 'AT' },
      zone: 'Europe/Vienna',
      currency: 'eur',
      pools: [
        {
          blocks: [
            { name: 'Stalls', rows: rows('ABCD', 12) },
            { name: 'Gallery', rows: rows('AB', 10) },
          ],
          held: [{ from: 0, to: 3 }],
          marks: [{ from: 36, to: 37, mark: 'accessible' }],
        },
      ],
      tiers: [
        { name: 'Full price', price: 4200, taxRate: 1300 },
        { name: 'Students', price: 2400, taxRate: 1300, limit: 2 },
      ],
    },
    day: 17,
    from: '19:30',
    to: '22:00',
    picture: 'a tale of winter',
  },
  {
    organizer: MUSIC,
    event: {
      title: '太鼓の夕べ',
      category: 'concert',
      organizer: { name: 'ハーバー・ホール' },
      venue: { name: 'ハーバー・ホール', city: '横浜市', country: 'JP' },
      zone: 'Asia/Tokyo',
      currency: 'jpy',
      pools: [{ capacity: 300 }],
      tiers: [
        { name: '一般', price: 5800, taxRate: 1000 },
        { name: '18歳以下', price: 0 },
      ],
    },
    day: 26,
    from: '18:00',
    to: '20:30',
    picture: '太鼓',
  },
  {
    organizer: MUSIC,
    event: {
      title: 'أمسية العود',
      category: 'concert',
      organizer: { name: 'بيت العود' },
      venue: { name: 'بيت العود', city: 'دبي', country: 'AE' },
      zone: 'Asia/Dubai',
      currency: 'aed',
      pools: [{ capacity: 120 }],
      tiers: [{ name: 'مقعد', price: 15_000 }],
    },
    day: 33,
    from: '20:00',
    to: '22:00',
  },
  {
    organizer: SPORTS,
    event: {
      title: 'Desert run, ten kilometres',
      category: 'sports',
      organizer: { name: 'Gulf Runners' },
      venue: { name: 'Al Shaheed Park', city: 'Kuwait City', country: 'KW' },
      zone: 'Asia/Kuwait',
      currency: 'kwd',
      pools: [{ capacity: 500 }, { capacity: 2000 }],
      tiers: [
        { name: 'Runner', pool: 0, price: 7500 },
        { name: 'Spectator', pool: 1, price: 0, limit: null },
      ],
    },
    day: 48,
    from: '06:30',
    to: '10:00',
    picture: 'a desert',
  },
];
