import { type Gateway, GatewayUnavailable, idempotencyKey, type Intent } from '@ticketing/payments/gateway';
import type { Dice } from './random.ts';
import type { Proc, Scheduler } from './scheduler.ts';

export interface StripeMishaps {
  /** The provider does not answer: before it did anything, or after. */
  outage(): 'before' | 'after' | undefined;
  /** It does not take a request, and may take the same one later. */
  refusal(): boolean;
  webhook(): 'once' | 'twice' | 'never';
}

interface Kept extends Intent {
  orderId: string;
  refunded: boolean;
  attempts: number;
}

/** The provider's own books, and the gateway by which a process reaches it. */
export function simulatedStripe(
  { gate, after, say }: Scheduler,
  random: Dice,
  mishaps: StripeMishaps,
  webhook: (body: Buffer) => Promise<number>,
) {
  const intents = new Map<string, Kept>();
  const answers = new Map<string, unknown>();
  const violations: string[] = [];
  let undelivered = 0;

  const shown = ({ id, paymentId, status, amount, clientSecret, decline }: Kept): Intent => ({
    id,
    paymentId,
    status,
    amount,
    clientSecret,
    ...(decline && { decline }),
  });

  const tell = (intent: Kept, type: string) => {
    const times = { once: 1, twice: 2, never: 0 }[mishaps.webhook()];
    for (let n = 0; n < times; n++) {
      undelivered += 1;
      const body = Buffer.from(
        JSON.stringify({ id: `evt_${intent.id}`, type, intentId: intent.id, paymentId: intent.paymentId }),
      );
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

  const charge = (intent: Kept) => {
    intent.status = 'succeeded';
    delete intent.decline;
    const charged = [...intents.values()].filter(
      ({ orderId, status, refunded }) => orderId === intent.orderId && status === 'succeeded' && !refunded,
    );
    if (charged.length > 1) violations.push(`order ${intent.orderId} is charged twice`);
    tell(intent, 'payment_intent.succeeded');
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
      create: ({ id, orderId, amount }) =>
        call(`create an intent`, () => {
          if (!answers.has(idempotencyKey(id, 'create')) && mishaps.refusal())
            return { refused: 'Not this one' };
          return once(idempotencyKey(id, 'create'), () => {
            if ([...intents.values()].some(({ paymentId }) => paymentId === id)) {
              violations.push(`payment ${id} has two intents`);
            }
            const intent: Kept = {
              id: `pi_${intents.size + 1}`,
              paymentId: id,
              orderId,
              amount,
              status: 'requires_payment_method',
              clientSecret: `pi_${intents.size + 1}_secret`,
              refunded: false,
              attempts: 0,
            };
            intents.set(intent.id, intent);
            return shown(intent);
          });
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
      refund: (intentId, { id }) =>
        call(`refund ${intentId}`, () =>
          once(idempotencyKey(id, 'refund'), () => {
            known(intentId).refunded = true;
            return { id: `re_${intentId}`, status: 'succeeded' as const };
          }),
        ),
      verify: (body) => JSON.parse(body.toString()) as ReturnType<Gateway['verify']>,
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
        .map(({ paymentId, refunded }) => ({ paymentId, refunded })),
  };
}
