import { setTimeout as sleep } from 'node:timers/promises';
import express, { Router } from 'express';
import { z } from 'zod';

const window = {
  /** How many times; without it, until it is cleared. */
  count: z.int().positive().optional(),
  /** Seconds from now. */
  seconds: z.number().positive().optional(),
  /** Chance of each request, 0 to 1. */
  rate: z.number().min(0).max(1).optional(),
};
/** Only requests whose method and path contain this, e.g. `/confirm`; or end with it: `POST /v1/payment_intents$`. */
const path = z.string().optional();

const Fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('delay'), ms: z.int().positive(), path, ...window }),
  z.strictObject({
    kind: z.literal('error'),
    /** 400 refuses the request itself, the others are outages. */
    status: z.union([z.literal(400), z.literal(429), z.int().min(500).max(599)]).default(500),
    /** Whether the request took effect before; Stripe then replays the error to the same idempotency key. */
    after: z.boolean().default(false),
    path,
    ...window,
  }),
  /** The request takes effect, its answer is lost. */
  z.strictObject({ kind: z.literal('drop'), path, ...window }),
  z.strictObject({
    kind: z.literal('webhooks'),
    mode: z.enum(['off', 'twice', 'late', 'reordered']),
    /** How long `late` and `reordered` hold an event. */
    ms: z.int().positive().default(500),
    ...window,
  }),
]);
type Fault = z.infer<typeof Fault>;
type Kind = Fault['kind'];
type Of<K extends Kind> = Extract<Fault, { kind: K }>;

/** What goes wrong on demand; kept in memory, so a restart behaves well again. */
export const faultBox = (now: () => number, random: () => number = Math.random) => {
  let faults: (Fault & { until?: number })[] = [];
  let cleared = new AbortController();
  const alive = () => {
    faults = faults.filter(({ until, count }) => (until === undefined || now() < until) && count !== 0);
    return faults;
  };
  return {
    list: alive,
    add: (fault: Fault) =>
      void faults.push({ ...fault, ...(fault.seconds ? { until: now() + fault.seconds * 1000 } : {}) }),
    /** Ends the delays that last, too. */
    clear() {
      faults = [];
      cleared.abort();
      cleared = new AbortController();
    },
    /** Waits as long as a delay that strikes now says. */
    async delay(at: string): Promise<void> {
      const fault = this.take('delay', at);
      if (fault) await sleep(fault.ms, undefined, { signal: cleared.signal }).catch(() => undefined);
    },
    /** The fault of this kind that strikes now, counted down. */
    take<K extends Kind>(kind: K, at = '', match: (fault: Of<K>) => boolean = () => true): Of<K> | undefined {
      const fault = alive().find(
        (candidate) =>
          candidate.kind === kind &&
          (!('path' in candidate) || `${at}$`.includes(candidate.path ?? '')) &&
          match(candidate as Of<K>) &&
          random() < (candidate.rate ?? 1),
      );
      if (fault?.count !== undefined) fault.count -= 1;
      return fault as Of<K> | undefined;
    },
  };
};

export type FaultBox = ReturnType<typeof faultBox>;

/** For engineers and tests; JSON only, so that no foreign page can reach it through a browser. */
export const faultRoutes = (faults: FaultBox): Router =>
  Router()
    .use(express.json({ inflate: false }))
    .get('/', (_req, res) => void res.json(faults.list()))
    .post('/', (req, res) => {
      const fault = Fault.safeParse(req.body);
      if (!fault.success) return void res.status(400).json({ error: z.prettifyError(fault.error) });
      faults.add(fault.data);
      res.status(201).json(faults.list());
    })
    .delete('/', (_req, res) => {
      faults.clear();
      res.status(204).end();
    });
