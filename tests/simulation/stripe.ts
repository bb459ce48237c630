import {
  type Delivery,
  type Dispute,
  type Gateway,
  GatewayUnavailable,
  idempotencyKey,
  type Intent,
  type News,
  type Refund,
} from '@ticketing/payments/gateway';
import type { Dice } from './random.ts';
import type { Proc, Scheduler } from './scheduler.ts';

export interface StripeMishaps {
  /** The provider does not answer: before it did anything, or after. */
  outage(): 'before' | 'after' | undefined;
  /** It does not take a request, and may take the same one later. */
  refusal(): boolean;
  createRefused(): boolean;
  /** It knows the key of a repeated request for another one, as after a release that asks for more. */
  keyUsed(): boolean;
  webhook(): 'once' | 'twice' | 'never';
  /** The bank sends a refund back that had succeeded. */
  refundFails(): boolean;
  /** Somebody gives back in the dashboard. */
  dashboard(): boolean;
  /** The buyer has their bank take the money back. */
  disputed(): boolean;
}

/** Why the provider gives nothing back of a charge whose money the bank holds or took. */
export const CHARGED_BACK = 'The charge is disputed';

interface Kept extends Intent {
  currency: string;
  orderId: string;
  refunds: Refund[];
  disputes: Dispute[];
  attempts: number;
}

/** The provider's own books, and the gateway by which a process reaches it. */
export function simulatedStripe(
  { gate, after, say, now }: Scheduler,
  random: Dice,
  mishaps: StripeMishaps,
  webhook: (body: Buffer) => Promise<number>,
) {
  const intents = new Map<string, Kept>();
  const answers = new Map<string, unknown>();
  const violations: string[] = [];
  const happened: { at: number; news: News }[] = [];
  let undelivered = 0;

  const shown = ({ id, paymentId, status, amount, clientSecret, decline }: Kept): Intent => ({
    id,
    paymentId,
    status,
    amount,
    clientSecret,
    ...(decline && { decline }),
  });

  const tell = ({ id: intentId, paymentId }: Kept, type: string, about: News['about'] = 'payment') => {
    const times = { once: 1, twice: 2, never: 0 }[mishaps.webhook()];
    const news: News = { about, intentId, ...(about === 'payment' && { paymentId }) };
    if (about !== 'payment') happened.push({ at: now(), news });
    for (let n = 0; n < times; n++) {
      undelivered += 1;
      const body = Buffer.from(JSON.stringify({ news }));
      const send = () => {
        void gate(undefined, `Stripe tells of ${type}`, () => {
          void webhook(body).then((status) => {
            if (status === 204) undelivered -= 1;
            else after(3000, undefined, 'webhook again', send);
          });
        });
      };
      after(random.below(4000), undefined, 'webhook', send);
    }
  };

  const gone = ({ refunds }: Kept, ...statuses: Refund['status'][]) =>
    refunds.reduce((sum, { amount, status }) => (statuses.includes(status) ? sum + amount : sum), 0);
  const lost = ({ disputes }: Kept) =>
    disputes.reduce((sum, { amount, status }) => (status === 'lost' ? sum + amount : sum), 0);
  const left = (intent: Kept) => intent.amount - gone(intent, 'succeeded', 'pending') - lost(intent);
  const chargedBack = ({ disputes }: Kept) => disputes.some(({ status }) => status !== 'won');

  const giveBack = (intent: Kept, amount: number, attempt?: number): Refund => {
    const made: Refund = {
      id: `re_${intent.id}_${intent.refunds.length}`,
      amount,
      status: random.chance(0.2) ? 'pending' : 'succeeded',
      ...(attempt !== undefined && { attempt }),
    };
    intent.refunds.unshift(made);
    if (left(intent) < 0) violations.push(`more of payment ${intent.paymentId} went back than was charged`);
    tell(intent, 'refund.created', 'refund');
    const fails = mishaps.refundFails();
    if (fails || made.status === 'pending')
      after(random.below(8000), undefined, 'the bank has decided on a refund', () => {
        say(`the refund ${made.id} ${fails ? 'fails' : 'stands'}`);
        made.status = fails ? 'failed' : 'succeeded';
        tell(intent, fails ? 'refund.failed' : 'refund.updated', 'refund');
      });
    return { ...made };
  };

  const charge = (intent: Kept) => {
    intent.status = 'succeeded';
    delete intent.decline;
    const charged = [...intents.values()].filter(
      (one) => one.orderId === intent.orderId && one.status === 'succeeded' && left(one) > 0,
    );
    if (charged.length > 1) violations.push(`order ${intent.orderId} is charged twice`);
    tell(intent, 'payment_intent.succeeded');
    if (mishaps.dashboard())
      after(random.below(20_000), undefined, 'somebody gives back in the dashboard', () => {
        const part = random.chance(0.5) ? left(intent) : Math.min(left(intent), 1 + random.below(900));
        if (part > 0 && !chargedBack(intent)) giveBack(intent, part);
      });
    if (mishaps.disputed())
      after(random.below(6000), undefined, 'the buyer turns to the bank', () => dispute(intent));
  };

  /** The bank asks for what is left of a charge, and decides for the buyer or the seller. */
  const dispute = (intent: Kept) => {
    const amount = left(intent);
    if (random.chance(0.5)) tell(intent, 'radar.early_fraud_warning.created', 'warning');
    if (amount <= 0) return;
    const made: Dispute = { id: `dp_${intent.id}`, amount, status: 'open' };
    intent.disputes.push(made);
    tell(intent, 'charge.dispute.created', 'dispute');
    tell(intent, 'charge.dispute.funds_withdrawn', 'dispute');
    after(random.below(15_000), undefined, 'the bank has decided on a dispute', () => {
      made.status = random.chance(0.5) ? 'won' : 'lost';
      say(`the dispute ${made.id} is ${made.status}`);
      if (made.status === 'won') tell(intent, 'charge.dispute.funds_reinstated', 'dispute');
      tell(intent, 'charge.dispute.closed', 'dispute');
    });
  };

  const confirm = (intent: Kept, method: string) => {
    intent.attempts += 1;
    if (intent.attempts > 1) violations.push(`payment ${intent.paymentId} was charged under a second key`);
    if (method === 'pm_card_visa') charge(intent);
    else if (method === 'pm_card_authenticationRequired') intent.status = 'requires_action';
    else if (method === 'pm_card_slow') {
      intent.status = 'processing';
      after(random.below(5000), undefined, 'the bank decides', () => {
        if (intent.status === 'processing') charge(intent);
      });
    } else {
      intent.decline = { code: 'card_declined', message: 'Your card was declined.' };
      tell(intent, 'payment_intent.payment_failed');
    }
  };

  const gateway = (proc: Proc): Gateway => {
    /** What this process was last told is left of each charge. */
    const toldLeft = new Map<string, number>();
    /** A list of refunds does not tell what the bank took. */
    const toldLost = new Map<string, number>();
    const call = <T>(label: string, effect: () => T): Promise<T> =>
      gate(proc, `asks Stripe to ${label}`, () => {
        const outage = mishaps.outage();
        if (outage === 'before') throw new GatewayUnavailable('Stripe does not answer');
        const value = effect();
        if (outage === 'after') throw new GatewayUnavailable('Stripe did it, and does not answer');
        return value;
      });
    const once = <T>(key: string, effect: () => T): T => {
      if (!answers.has(key)) answers.set(key, effect());
      return answers.get(key) as T;
    };
    const known = (id: string) => {
      const intent = intents.get(id);
      if (!intent) throw new Error(`no intent ${id}`);
      return intent;
    };
    return {
      breaker: 'closed',
      create: ({ id, orderId, amount, currency }) =>
        call(`create an intent`, () => {
          if (amount <= 0) violations.push(`payment ${id} is of nothing`);
          const repeated = answers.has(idempotencyKey(id, 'create'));
          if (repeated && mishaps.keyUsed()) return 'key-used';
          if (!repeated && mishaps.createRefused()) return { refused: 'Not this one' };
          return once(idempotencyKey(id, 'create'), () => {
            if ([...intents.values()].some(({ paymentId }) => paymentId === id)) {
              violations.push(`payment ${id} has two intents`);
            }
            const intent: Kept = {
              id: `pi_${intents.size + 1}`,
              paymentId: id,
              orderId,
              amount,
              currency,
              status: 'requires_payment_method',
              clientSecret: `pi_${intents.size + 1}_secret`,
              refunds: [],
              disputes: [],
              attempts: 0,
            };
            intents.set(intent.id, intent);
            return shown(intent);
          });
        }),
      find: ({ id }) =>
        call('find an intent', () => {
          const intent = [...intents.values()].find(({ paymentId }) => paymentId === id);
          return intent && shown(intent);
        }),
      confirm: (intentId, { id, paymentMethod }) =>
        call(`charge ${intentId}`, () => {
          const intent = known(intentId);
          return once(idempotencyKey(id, 'confirm'), () => {
            if (intent.status === 'requires_payment_method') confirm(intent, paymentMethod);
            return shown(intent);
          });
        }),
      retrieve: (intentId) => call(`show ${intentId}`, () => shown(known(intentId))),
      cancel: (intentId) =>
        call(`cancel ${intentId}`, () => {
          const intent = known(intentId);
          if (intent.status !== 'succeeded') {
            intent.status = 'canceled';
            tell(intent, 'payment_intent.canceled');
          }
          return shown(intent);
        }),
      refunds: (intentId) =>
        call(`list the refunds of ${intentId}`, () => {
          const intent = known(intentId);
          const gaveBack = gone(intent, 'succeeded', 'pending');
          toldLeft.set(intentId, intent.amount - gaveBack - (toldLost.get(intentId) ?? 0));
          return intent.refunds.map((made) => ({ ...made }));
        }),
      refund: (intentId, { id, attempt, amount }) =>
        call(`refund ${amount} of ${intentId}`, () => {
          const key = idempotencyKey(id, `refund:${attempt}`);
          if (!answers.has(key) && mishaps.refusal()) return { refused: 'Not this one' };
          return once(key, () => {
            const intent = known(intentId);
            if (amount > (toldLeft.get(intentId) ?? 0))
              violations.push(`payment ${id} is to give back more than the provider says is left`);
            if (chargedBack(intent)) return { refused: CHARGED_BACK };
            if (amount > left(intent)) return { refused: 'More than is left' };
            return giveBack(intent, amount, attempt);
          });
        }),
      disputes: (intentId) =>
        call(`list the disputes of ${intentId}`, () => {
          toldLost.set(intentId, lost(known(intentId)));
          return known(intentId).disputes.map((made) => ({ ...made }));
        }),
      since: (moment) =>
        call('list what happened', () =>
          happened.flatMap(({ at, news }) => (at >= moment.getTime() ? [news] : [])),
        ),
      verify: (body) => JSON.parse(body.toString()) as Delivery,
    };
  };

  return {
    gateway,
    violations,
    undelivered: () => undelivered,
    /** The buyer's bank: what the browser does with a client secret. */
    authenticate(clientSecret: string, succeeds: boolean) {
      const intent = [...intents.values()].find((one) => one.clientSecret === clientSecret);
      if (intent?.status !== 'requires_action') return;
      say(`the buyer ${succeeds ? 'passes' : 'fails'} the authentication of ${intent.id}`);
      if (succeeds && random.chance(0.1)) intent.status = 'requires_confirmation';
      else if (succeeds) charge(intent);
      else {
        intent.status = 'requires_payment_method';
        intent.decline = { code: 'authentication_failed', message: 'The authentication failed.' };
        tell(intent, 'payment_intent.payment_failed');
      }
    },
    charges: () =>
      [...intents.values()]
        .filter(({ status }) => status === 'succeeded')
        .map((intent) => ({
          paymentId: intent.paymentId,
          amount: intent.amount,
          currency: intent.currency,
          returned: Math.min(intent.amount, gone(intent, 'succeeded') + lost(intent)),
          pending: gone(intent, 'pending'),
        })),
  };
}
