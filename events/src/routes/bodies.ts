import { z } from 'zod';
import { Code } from '@ticketing/common/codes';
import { PoolId } from '@ticketing/common/contracts/event';
import { Id } from '@ticketing/common/contracts/message';
import { Currency, Money } from '@ticketing/common/contracts/money';
import { text } from '@ticketing/common/text';
import { LocalTime, Zone } from '@ticketing/common/zone';
import { wrongMarkdown } from '../markdown.ts';

export const CATEGORIES = [
  'art',
  'business',
  'club',
  'comedy',
  'community',
  'concert',
  'conference',
  'family',
  'festival',
  'film',
  'food',
  'other',
  'sports',
  'theatre',
  'workshop',
] as const;

const Title = text({ most: 140 });
const Short = text({ most: 100 });
const Address = text({ most: 300, lines: true });

const Description = text({ most: 10_000, least: 0, lines: true })
  .superRefine((typed, { addIssue }) => {
    const wrong = wrongMarkdown(typed);
    if (wrong !== undefined) addIssue(wrong);
  })
  .meta({
    description: 'Of CommonMark: headings, emphasis, lists, and links to https, http and mailto',
  });

/** Alone its name tells whether there is such a country. */
const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, { error: 'must be a country as ISO 3166 has it, such as DE', abort: true })
  .refine(
    (code) => names.of(code) !== undefined && code !== 'ZZ',
    'must be a country as ISO 3166 has it, such as DE',
  )
  .meta({ description: 'ISO 3166-1, two letters' });

const Count = (most: number) =>
  z.int('must be a whole number').min(1, 'must be at least 1').max(most, `must be at most ${most}`);
const Number = z
  .int('must be a whole number')
  .min(0, 'must be at least 0')
  .max(99_999, 'must be at most 99999');
const list = <T extends z.ZodType>(of: T, most: number, least = 0) =>
  z.array(of).min(least, `must have at least ${least}`).max(most, `must have at most ${most}`);

const Range = z.strictObject({ from: Number, to: Number });
const Seats = z.strictObject({
  label: text({ most: 20 }),
  seats: Count(500),
  names: list(text({ most: 10 }), 500).optional(),
});
const Pool = z.strictObject({
  id: PoolId.optional().meta({ description: 'Of a pool that is there already; else one is made' }),
  capacity: Count(100_000).optional(),
  blocks: list(z.strictObject({ name: text({ most: 40 }), rows: list(Seats, 500, 1) }), 200, 1).optional(),
  held: list(Range, 500).optional().meta({ description: 'Places for guests and the box office, from 0' }),
  marks: list(Range.extend({ mark: z.enum(['accessible', 'companion']) }), 500).optional(),
});
const Tier = z.strictObject({
  id: Id.optional().meta({ description: 'Of a tier that is there already; else one is made' }),
  name: Short,
  poolId: PoolId.optional(),
  pool: Number.optional().meta({
    description: 'Where its pool stands among `pools`, from 0, in place of `poolId`',
  }),
  price: z
    .int('must be a whole number of minor units')
    .min(0, 'must be at least 0')
    .meta({ description: 'Minor units, tax included; 0 is free' }),
  taxRate: z
    .int()
    .min(0)
    .max(10_000)
    .optional()
    .meta({ description: 'Hundredths of a percent: 1900 is 19 %' }),
  hidden: z.boolean().optional().meta({ description: 'Only a code shows it' }),
  opens: LocalTime.optional(),
  closes: LocalTime.optional(),
  limit: Count(1000)
    .nullable()
    .optional()
    .meta({ description: 'Places for one account; a free tier has one unless this is null' }),
});
const Returns = z.strictObject({ until: LocalTime, feePercent: z.int().min(0).max(100).optional() });

export const EventBody = z.strictObject({
  title: Title,
  description: Description.optional(),
  category: z.enum(CATEGORIES),
  organizer: z.strictObject({
    name: Short,
    address: Address.optional(),
    taxNumber: text({ most: 40 }).optional(),
  }),
  venue: z.strictObject({
    name: Short,
    address: Address.optional(),
    city: Short,
    country: Country.optional(),
  }),
  zone: Zone,
  starts: LocalTime,
  ends: LocalTime,
  currency: Currency.optional(),
  pools: list(Pool, 50).default([]),
  tiers: list(Tier, 50).default([]),
  returns: Returns.optional(),
  reentry: z.boolean().optional().meta({ description: 'Who went out may come in again' }),
});

export const CopyBody = z.strictObject({ title: Title.optional(), starts: LocalTime, ends: LocalTime });
export const PostponeBody = z.strictObject({ starts: LocalTime, ends: LocalTime, returns: Returns });

export const LinkBody = z.strictObject({
  role: z.enum(['manager', 'door']),
  hours: Count(720).default(72),
  uses: Count(100).default(1),
});
export const JoinBody = z.strictObject({
  token: z.string().regex(/^[0-9a-f]{24}[\w-]{32}$/, 'must be the secret of a link into a team'),
});

export const CodeBody = z
  .strictObject({
    code: Code,
    tierIds: list(Id, 50, 1).optional().meta({ description: 'What it is for, and shows where it is hidden' }),
    percent: Count(100).optional(),
    amount: Money.min(1, 'must be at least 1').optional().meta({
      description:
        'Off each place, in minor units; an order’s total is then 0, or refused below the least that can be charged',
    }),
    uses: Count(1_000_000).optional(),
    limit: Count(1000).optional(),
  })
  .refine(({ percent, amount }) => percent === undefined || amount === undefined, {
    path: ['amount'],
    message: 'must be left out where percent is given',
  })
  .refine(({ percent, amount, tierIds }) => (percent ?? amount ?? tierIds) !== undefined, {
    path: ['percent'],
    message: 'must be given, or amount or tierIds: else the code does nothing',
  })
  .meta({
    anyOf: [{ required: ['percent'] }, { required: ['amount'] }, { required: ['tierIds'] }],
    not: { required: ['percent', 'amount'] },
  });
export const TryBody = z.strictObject({ code: Code });
