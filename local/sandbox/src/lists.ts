import type { Filter } from 'mongodb';
import { z } from 'zod';
import type { Intent } from './domain.ts';
import { type ApiError, invalidRequest, missing } from './errors.ts';
import { chargeJson, disputeJson, intentJson, listJson, movements, refundJson } from './shapes.ts';
import type { Store, Stored } from './store.ts';

const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(10),
  starting_after: z.string().optional(),
  payment_intent: z.string().optional(),
  created: z
    .strictObject({ gte: z.coerce.number().int().optional(), lte: z.coerce.number().int().optional() })
    .optional(),
});
/** At or after a moment, in seconds; types as an array; sources whole. */
const Since = Page.omit({ payment_intent: true }).extend({
  type: z.string().optional(),
  types: z.array(z.string()).max(20).optional(),
  expand: z.array(z.literal('data.source')).optional(),
});

const KINDS = {
  payment_intents: { id: '_id', rows: (intent: Intent) => [intentJson(intent)] },
  charges: {
    id: 'charges.id',
    rows: (intent: Intent) => intent.charges.map((charge) => chargeJson(intent, charge)).reverse(),
  },
  refunds: {
    id: 'refunds.id',
    rows: (intent: Intent) => intent.refunds.map((refund) => refundJson(intent, refund)).reverse(),
  },
  disputes: {
    id: 'disputes.id',
    rows: (intent: Intent) => (intent.disputes ?? []).map((one) => disputeJson(intent, one)).reverse(),
  },
} as const;

/** Pages by the last id of the page before, newest intent first: charges and refunds come with their intent. */
export const listing = async (
  { intents }: Store,
  kind: keyof typeof KINDS,
  query: unknown,
): Promise<ApiError | object> => {
  const page = Page.safeParse(query);
  if (!page.success) return invalidRequest(400, z.prettifyError(page.error));
  const { limit, starting_after: after, payment_intent: of, created: { gte = 0, lte } = {} } = page.data;
  const { id, rows } = KINDS[kind];
  const last = after && (await intents.findOne({ [id]: after }));
  if (after && !last) return missing(kind.slice(0, -1), after);
  const filter: Filter<Stored> = {
    ...(of ? { _id: of } : {}),
    [id]: { $exists: true },
    created: { $gte: gte * 1000, ...(lte !== undefined && { $lt: (lte + 1) * 1000 }) },
    ...(last
      ? { $or: [{ created: { $lt: last.created } }, { created: last.created, _id: { $lte: last._id } }] }
      : {}),
  };
  // Each intent has one row at least; the last one may have rows still to show.
  const found = await intents.find(filter, { sort: { created: -1, _id: -1 }, limit: limit + 2 }).toArray();
  const all = found.flatMap<{ id: string }>(rows);
  const start = after ? all.findIndex((row) => row.id === after) + 1 : 0;
  return listJson(`/v1/${kind}`, all.slice(start, start + limit), all.length > start + limit);
};

/** What happened, or what moved, since a moment: newest first. Few enough here to be sorted at once. */
export const since = async (
  { intents }: Store,
  kind: 'events' | 'balance_transactions',
  query: unknown,
): Promise<ApiError | object> => {
  const page = Since.safeParse(query);
  if (!page.success) return invalidRequest(400, z.prettifyError(page.error));
  const { limit, starting_after: after, created, type, types, expand } = page.data;
  const from = created?.gte ?? 0;
  const found = await intents.find({ 'events.created': { $gte: from * 1000 } }).toArray();
  const rows = found
    .flatMap((intent) => (kind === 'events' ? happened(intent) : moved(intent, expand !== undefined)))
    .filter((row) => row.created >= from && (types ?? [type ?? row.type]).includes(row.type))
    .sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  const start = after ? rows.findIndex(({ id }) => id === after) + 1 : 0;
  return listJson(`/v1/${kind}`, rows.slice(start, start + limit), rows.length > start + limit);
};

interface Row {
  id: string;
  type: string;
  created: number;
}
const happened = ({ events = [] }: Stored) => events.map(({ body }) => JSON.parse(body) as Row);
const moved = (intent: Stored, whole: boolean): Row[] =>
  movements(intent).map((row) => (whole ? row : { ...row, source: row.source.id }));
