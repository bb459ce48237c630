import type { Router } from 'express';
import { admissions } from '@ticketing/admissions/service';
import { auth } from '@ticketing/auth/service';
import { assemble } from '@ticketing/common/assemble';
import { parseConfig } from '@ticketing/common/config';
import type { Admission } from '@ticketing/common/http/admission';
import type { Bodies } from '@ticketing/common/http/bodies';
import { listRoutes } from '@ticketing/common/http/openapi';
import { STATUS } from '@ticketing/common/http/problem';
import { silentLog } from '@ticketing/common/log';
import type { Metrics } from '@ticketing/common/metrics';
import { isRejection, Unavailable } from '@ticketing/common/rejection';
import type { Clock } from '@ticketing/common/runtime';
import type { Service } from '@ticketing/common/service';
import { isOutage } from '@ticketing/common/store';
import { TEST_KEYS } from '@ticketing/common/testing';
import type { User } from '@ticketing/common/user';
import { events } from '@ticketing/events/service';
import { expiration } from '@ticketing/expiration/service';
import { memoryTimers } from '@ticketing/expiration/timers-memory';
import { orders } from '@ticketing/orders/service';
import { payments } from '@ticketing/payments/service';
import { tickets } from '@ticketing/tickets/service';
import { z } from 'zod';
import { type Broker, simulatedBroker } from './broker.ts';
import { simulatedDatabase, type Watcher } from './database.ts';
import type { Faults } from './faults.ts';
import type { Backend } from './memory.ts';
import type { Dice } from './random.ts';
import type { Mishap, Proc, Scheduler } from './scheduler.ts';
import { simulatedStripe } from './stripe.ts';

export const SETTINGS = {
  ...TEST_KEYS,
  PUBLIC_ORIGIN: 'http://localhost:3000',
  RATE_LIMIT: 'off',
  ORDER_HOLD_SECONDS: '80',
  PAYMENT_GRACE_SECONDS: '5',
  BUYER_CANCEL_SECONDS: '10',
  CHALLENGE_SECONDS: '90',
  UNPAID_ORDERS_LIMIT: '3',
  UNPAID_ORDERS_OF_SALE_LIMIT: '1',
  UNPAID_TICKETS_LIMIT: '4',
  HOLD_AGAIN_PAUSE_SECONDS: '60',
  PAYMENT_RECOVERY_SECONDS: '6',
  REFUND_PAUSE_SECONDS: '10',
  PROVIDER_SWEEP_SECONDS: '5',
  CODE_KEY: 'a key that only the simulation has, of 32 characters',
  STRIPE_KEY: 'sk',
  STRIPE_WEBHOOK_SECRET: 'whsec',
};
/** Cards are bounded, though rates are not. */
const BOUNDED = { RATE_LIMIT: 'on', CARD_TRIES_PER_ORDER: '2' };
const SWEEP_MS = 2000;

/** How many processes of each service there are. */
const REPLICAS = {
  auth: 1,
  events: 1,
  tickets: 2,
  orders: 2,
  payments: 2,
  expiration: 1,
  admissions: 2,
} as const;
export type ServiceName = keyof typeof REPLICAS;

/** Requests are few here, and load is not what is simulated. */
const EVERYBODY: Admission = {
  door: () => ({
    refusal: () => undefined,
    enter: () => undefined,
    leave: () => undefined,
    admit: () => undefined,
  }),
  congested: () => false,
  follow: () => Promise.resolve(),
};

const ANY_BODY: Bodies = { enter: () => ({ grow: () => undefined, leave: () => undefined }) };
const ROOM = { requests: ANY_BODY, first: ANY_BODY };

const silent: Metrics = {
  count: () => undefined,
  gauge: () => undefined,
  observe: () => undefined,
  render: () => Promise.resolve(''),
  contentType: '',
};

export interface Request {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  user?: User;
  body?: unknown;
  headers?: Record<string, string>;
  cookies?: Record<string, string>;
}

export interface Response {
  status: number;
  body: unknown;
  cookies: Record<string, string>;
}

/** The caller sees no answer: the process died, or the connection broke. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

interface Replica {
  service: ServiceName;
  proc: Proc;
  routes: Router | undefined;
  /** Requests whose callers wait. */
  open: Set<(error: Error) => void>;
}

/** The suite with all its replicas on simulated engines. */
export function world(
  scheduler: Scheduler,
  random: Dice,
  backend: Backend,
  watcher: Watcher,
  faults: Faults,
  nets: boolean,
) {
  const { gate, say, now, after, kill } = scheduler;
  let replicas: Replica[] = [];
  let made = 0;
  const bugs: string[] = [];

  const broker: Broker = simulatedBroker(scheduler, random.fork(), {
    refused: () => faults.happens('publish-refused'),
    answer: () => (faults.happens('publish-answer-lost') ? 'answer-lost' : undefined),
    ackLost: () => faults.happens('ack-lost'),
    repeated: () => faults.happens('repeated'),
    took: watcher.published,
  });
  const stripe = simulatedStripe(
    scheduler,
    random.fork(),
    {
      outage: () =>
        faults.happens('stripe-before') ? 'before' : faults.happens('stripe-after') ? 'after' : undefined,
      refusal: () => faults.happens('stripe-refuses'),
      createRefused: () => faults.happens('create-refused'),
      keyUsed: () => faults.happens('key-used'),
      refundFails: () => faults.happens('refund-fails'),
      dashboard: () => faults.happens('dashboard'),
      disputed: () => faults.happens('disputed'),
      webhook: () =>
        faults.happens('webhook-twice') ? 'twice' : faults.happens('webhook-never') ? 'never' : 'once',
    },
    (body) =>
      request('payments', {
        method: 'post',
        path: '/api/payments/webhook',
        headers: { 'stripe-signature': 'simulated' },
        body,
      }).then(
        ({ status }) => status,
        () => 0,
      ),
  );

  /** Collections that refuse some more writes: trouble comes in bursts. */
  const sick = new Map<string, number>();
  const writeMishap = (collection: string): Mishap => {
    const left = sick.get(collection) ?? 0;
    if (left > 0) {
      sick.set(collection, left - 1);
      return 'refused';
    }
    if (faults.happens('write-refused')) {
      if (!collection.endsWith('inbox')) sick.set(collection, random.below(4));
      return 'refused';
    }
    return faults.happens('write-answer-lost') ? 'answer-lost' : undefined;
  };

  const services = (proc: Proc): Record<ServiceName, () => Service> => ({
    auth: () =>
      auth({
        hash: (password) => Promise.resolve(password),
        verify: (hash, password) => Promise.resolve(hash === password),
      }),
    events: () => events,
    tickets: () => tickets,
    orders: () => orders,
    payments: () => payments(() => stripe.gateway(proc)),
    expiration: () => expiration(z.object({}), (_config, { clock }) => memoryTimers(clock)),
    admissions: () => admissions,
  });

  const boot = (service: ServiceName, name: string) => {
    const proc: Proc = { name, alive: true };
    const skew = faults.happens('skew') ? random.below(8000) - 4000 : 0;
    const clock: Clock = {
      now: () => new Date(now() + skew),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted || !proc.alive) {
            if (proc.alive) resolve();
            return;
          }
          const forget = after(ms, proc, 'sleep', resolve);
          signal?.addEventListener('abort', () => {
            forget();
            resolve();
          });
        }),
    };
    const own = random.fork();
    const platform = {
      bus: broker.connect(proc),
      remoteBus: true,
      database: (of: string) => simulatedDatabase(of, proc, scheduler, backend, watcher, writeMishap),
      clock,
      ids: { next: () => id((made += 1), now()) },
      random: () => own.next(),
      close: () => Promise.resolve(),
    };
    const definition = withNets(services(proc)[service](), nets);
    const config = parseConfig(
      definition.config,
      service === 'payments' ? { ...SETTINGS, ...BOUNDED } : SETTINGS,
    );
    const assembled = assemble(definition, config, {
      platform,
      log: silentLog,
      metrics: silent,
      sweepMs: SWEEP_MS,
      congested: EVERYBODY.congested,
    });
    replicas = [
      ...replicas.filter((one) => one.proc.name !== name),
      { service, proc, routes: assembled.parts.routes, open: new Set() },
    ];
    void assembled.begin(new AbortController().signal);
  };

  const crash = (replica: Replica) => {
    say(`${replica.proc.name} crashes`);
    kill(replica.proc);
    const { open } = replica;
    void gate(undefined, `callers of ${replica.proc.name} see no answer`, () => {
      for (const fail of open) fail(new NoAnswer());
    });
    after(500 + random.below(6000), undefined, 'restart', () => {
      if (replicas.includes(replica)) restart(replica);
    });
  };
  const restart = ({ service, proc }: Replica) => {
    say(`${proc.name} starts again`);
    boot(service, proc.name);
  };

  /** One request to any live replica of a service; rejects with `NoAnswer` where a caller would see none. */
  const request = (service: ServiceName, asked: Request): Promise<Response> =>
    new Promise<Response>((resolve, fail) => {
      const label = `${asked.user?.email ?? 'somebody'} asks ${asked.method.toUpperCase()} ${asked.path.replace(/[0-9a-f]{20}([0-9a-f]{4})/g, '#$1')}`;
      void gate(undefined, label, () => {
        const replica = random.pick(replicas.filter((one) => one.service === service && one.proc.alive));
        if (!replica) {
          fail(new NoAnswer());
          return;
        }
        const { proc, open } = replica;
        open.add(fail);
        void answer(replica, asked).then((reply) =>
          gate(proc, `answers ${asked.user?.email ?? 'somebody'}: ${reply.status}`, () => {
            open.delete(fail);
            if (reply.status === 500) bugs.push(`500 for ${label}: ${JSON.stringify(reply.body)}`);
            if (faults.happens('reply-lost')) fail(new NoAnswer());
            else resolve(reply);
          }),
        );
      });
    });

  for (const [service, size] of Object.entries(REPLICAS) as [ServiceName, number][]) {
    for (let n = 1; n <= size; n++) boot(service, `${service}-${n}`);
  }

  return {
    broker,
    stripe,
    bugs,
    request,
    crashAny() {
      const victim = random.pick(replicas.filter(({ proc }) => proc.alive));
      if (victim) crash(victim);
    },
    /** Everything works again. */
    heal() {
      sick.clear();
      broker.up();
      for (const replica of replicas) if (!replica.proc.alive) restart(replica);
    },
  };
}

/** The second looks that must not be needed while nobody dies. */
const NETS = ['owed', 'withdrawn'];

const withNets = (service: Service, nets: boolean): Service => ({
  ...service,
  setup(ports) {
    const parts = service.setup(ports);
    return nets ? parts : { ...parts, jobs: (parts.jobs ?? []).filter(({ name }) => !NETS.includes(name)) };
  },
});

export type World = ReturnType<typeof world>;

/** An id as the real ones are made: the second first, then a counter. */
export const id = (n: number, now: number): string =>
  Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0') + n.toString(16).padStart(16, '0');

/** Sends a request through the real routes of a service, with as much of HTTP around it as they look at. */
async function answer(
  { routes }: Replica,
  { method, path, user, body, headers = {}, cookies = {} }: Request,
): Promise<Response> {
  const found = routes && match(routes, method, path);
  if (!found) return { status: 404, body: undefined, cookies: {} };
  const set: Record<string, string> = {};
  return new Promise((resolve) => {
    const res = {
      statusCode: 200,
      setHeader: () => res,
      append: () => res,
      cookie: (name: string, value: string) => {
        set[name] = value;
      },
      clearCookie: (name: string) => {
        set[name] = '';
      },
      end: (text?: string) => {
        resolve({
          status: res.statusCode,
          body: text === undefined ? undefined : (JSON.parse(text) as unknown),
          cookies: set,
        });
      },
    };
    const req = {
      method: method.toUpperCase(),
      originalUrl: path,
      params: found.params,
      query: {},
      headers: {
        ...headers,
        cookie: Object.entries(cookies)
          .map(([name, value]) => `${name}=${value}`)
          .join('; '),
      },
      is: () => 'application/json',
      on: (event: string, listener: (chunk?: Buffer) => void) => {
        if (event === 'data' && body !== undefined) listener(bytesOf(body));
        return req;
      },
      once: (event: string, listener: () => void) => {
        if (event === 'end') listener();
        return req;
      },
      off: () => req,
      route: { path },
      app: { locals: { identify: () => user, admission: EVERYBODY, bodies: ROOM } },
      ip: 'simulation',
      session: {},
    };
    Promise.resolve(found.handle(req as never, res as never) as unknown).catch((error: unknown) => {
      const rejected = isRejection(error) ? STATUS[error.code] : undefined;
      const status = rejected ?? (error instanceof Unavailable || isOutage(error) ? 503 : 500);
      resolve({ status, body: { detail: String((error as Error).stack).slice(0, 1000) }, cookies: {} });
    });
  });
}

const bytesOf = (body: unknown) =>
  body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));

type Handle = (...args: never[]) => unknown;
const compiled = new WeakMap<
  Router,
  { method: string; pattern: RegExp; names: string[]; handle: Handle }[]
>();

const match = (routes: Router, method: string, path: string) => {
  let table = compiled.get(routes);
  if (!table) {
    const layers = (
      routes.stack as unknown as { route: { path: string; stack: { handle: Handle }[] } }[]
    ).map(({ route }) => route);
    table = listRoutes(routes).map(({ method, path }) => ({
      method,
      pattern: new RegExp(`^${path.replace(/:\w+/g, '([^/]+)')}$`),
      names: [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? ''),
      handle: layers.find(
        (layer) =>
          layer.path === path && (layer as unknown as { methods: Record<string, boolean> }).methods[method],
      )?.stack[0]?.handle as Handle,
    }));
    compiled.set(routes, table);
  }
  for (const { method: wanted, pattern, names, handle } of table) {
    const found = wanted === method ? pattern.exec(path) : null;
    if (found) return { handle, params: Object.fromEntries(names.map((name, n) => [name, found[n + 1]])) };
  }
  return undefined;
};
