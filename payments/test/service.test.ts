import { describe, expect, test } from '@jest/globals';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually } from '@ticketing/common/testing';
import { sign } from '@ticketing/sandbox/webhooks';
import {
  about,
  api,
  authenticate,
  clock,
  events,
  fault,
  held,
  host,
  intents,
  key,
  list,
  newest,
  ordered,
  pay,
  release,
  type Sale,
  stored,
  stripe,
  webhook,
} from './shop.ts';

const newsOf = ({ id }: Sale) => events.filter(({ data }) => data['orderId'] === id);
/** Each once: what is published before its marker is taken away may be published again. */
const told = (sale: Sale) => [...new Set(newsOf(sale).map(({ type }) => type))];
/** What is told later is told so many times later still, however long the provider takes on a busy machine. */
const slowly = (times: number) => {
  const { sleep } = clock;
  clock.sleep = (ms, signal) => sleep(ms * times, signal);
  return {
    [Symbol.dispose]() {
      clock.sleep = sleep;
    },
  };
};

describe('paying', () => {
  test('with a good card takes the money once and tells so', async () => {
    const sale = await ordered();
    const { body } = await pay(sale).expect(201);
    expect(body).toMatchObject({ orderId: sale.id, amount: 2500, currency: 'usd', status: 'succeeded' });
    for (const inner of ['paymentMethod', 'intentId', 'clientSecret', 'userId', 'pending']) {
      expect(body).not.toHaveProperty(inner);
    }
    expect(await held(sale)).toBe(2500);
    await eventually(() => expect(told(sale)).toContain('payment:created'));
    expect(await list(sale)).toEqual([body]);
  });

  test('is told by its end alone when that comes soon', async () => {
    const sale = await ordered();
    using _ = slowly(20);
    await pay(sale).expect(201);
    await eventually(() => expect(told(sale)).toContain('payment:created'));
    expect(told(sale)).toEqual(['payment:created']);
  });

  test('is told at once when the order ends soon, for its grace', async () => {
    const sale = await ordered(59);
    using _ = slowly(20);
    await pay(sale).expect(201);
    await eventually(() => expect(told(sale)).toEqual(['payment:started', 'payment:created']));
  });

  test('is told at once when the buyer must authenticate', async () => {
    const sale = await ordered();
    using _ = slowly(20);
    await pay(sale, 'pm_card_authenticationRequired').expect(202);
    await eventually(() => expect(told(sale)).toEqual(['payment:started']));
    expect(newsOf(sale).at(-1)).toMatchObject({ data: { challenged: true } });
  });

  test('is told when it stays open', async () => {
    const sale = await ordered();
    await fault({ kind: 'error' });
    await pay(sale).expect(503);
    await eventually(() => expect(told(sale)).toEqual(['payment:started']));
  });

  test.each([
    ['pm_card_chargeDeclined', 'Your card was declined.'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'There is not enough money on this card.'],
  ])('with %s is 402 with the reason, and the order is still payable', async (card, reason) => {
    const sale = await ordered();
    const { body, headers } = await pay(sale, card).expect(402);
    expect(body.detail).toBe(reason);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(await newest(sale)).toMatchObject({ status: 'failed', reason });
    await pay(sale).expect(201);
    expect(await held(sale)).toBe(2500);
  });

  test('with a card that Stripe does not know is refused, naming the field', async () => {
    const sale = await ordered();
    const { body } = await pay(sale, 'pm_card_nonsense').expect(400);
    expect(body.errors).toMatchObject([{ field: 'paymentMethod' }]);
    await pay(sale).expect(201);
  });

  test('is for the buyer, in time, and once', async () => {
    const sale = await ordered();
    await api().post('/api/payments').send({ orderId: sale.id, paymentMethod: 'pm_card_visa' }).expect(401);
    await pay({ ...sale, headers: bearer({ id: systemIds.next() }, 999_999) }).expect(403);
    await pay(sale).expect(201);
    expect((await pay(sale).expect(409)).body.detail).toBe('The order is already paid');
    const late = await ordered(-1);
    expect((await pay(late).expect(409)).body.detail).toBe('The order has expired');
    const soon = await ordered(3);
    expect((await pay(soon).expect(409)).body.detail).toBe(
      'Less than 5 seconds are left, too few to begin a payment',
    );
    expect(await list(soon)).toEqual([]);
    const over = await ordered();
    await over.becomes('cancelled', { reason: 'expired' });
    expect((await pay(over).expect(409)).body.detail).toBe('The order is cancelled: expired');
    for (const sale of [late, over]) expect(await list(sale)).toEqual([]);
  });

  test('an order that may still be on its way is 503, one that never was 404', async () => {
    const { headers } = await ordered();
    const { headers: answer } = await pay({ id: systemIds.next(), headers }).expect(503);
    expect(answer['retry-after']).toBe('1');
    await pay({ id: `50000000${systemIds.next().slice(8)}`, headers }).expect(404);
  });

  test('lists show only your own', async () => {
    const sale = await ordered();
    await pay(sale).expect(201);
    const stranger = { ...sale, headers: bearer({ id: systemIds.next() }, 999_999) };
    expect(await list(stranger)).toEqual([]);
    await api().get('/api/payments').expect(401);
  });
});

describe('a payment that was begun in time', () => {
  /** It is at the provider while `meanwhile` happens. */
  const begun = async (sale: Sale, meanwhile: () => Promise<unknown> | void) => {
    await fault({ kind: 'delay', ms: 600_000, path: 'POST /v1/payment_intents$' });
    const paying = pay(sale).then((reply) => reply);
    await eventually(async () => expect(await list(sale)).toHaveLength(1));
    await meanwhile();
    clock.forward(1000); // as long as it took
    await release();
    return paying;
  };

  test('ends in time: `orders` waits a grace beyond the end for it', async () => {
    using _ = clock.still();
    const sale = await ordered(60);
    const { status } = await begun(sale, () => clock.forward(69_000));
    expect(status).toBe(201);
    expect(await held(sale)).toBe(2500);
  });

  test('takes nothing when its order is over meanwhile, or `orders` waits no longer', async () => {
    using _ = clock.still();
    const cancelled = await ordered();
    const ended = await begun(cancelled, () => cancelled.becomes('cancelled', { reason: 'buyer' }));
    expect(ended.status).not.toBe(201);
    const late = await ordered(60);
    const { status, body } = await begun(late, () => clock.forward(76_000));
    expect([status, body.detail]).toEqual([409, 'The order has expired']);
    for (const sale of [cancelled, late]) {
      expect(await newest(sale)).toMatchObject({ status: 'failed' });
      expect(await held(sale)).toBe(0);
    }
  });

  test('is left to its buyer while `orders` waits, when recovery comes by', async () => {
    using _ = clock.still();
    const sale = await ordered(60);
    const { body } = await pay(sale, 'pm_card_authenticationRequired').expect(202);
    const abandoned = await ordered();
    await fault({ kind: 'error', status: 500, path: '/confirm', count: 3 });
    await pay(abandoned).expect(503);
    clock.forward(65_000);
    // It takes the oldest first.
    await eventually(async () => expect(await newest(abandoned)).toMatchObject({ status: 'failed' }));
    await authenticate(body.clientSecret as string, 'complete').expect(200);
    const { intentId } = (await stored(body.id as string))!;
    await webhook('payment_intent.succeeded', about(intentId, body.id as string)).expect(204);
    expect(await newest(sale)).toMatchObject({ status: 'succeeded' });
  });
});

describe('clicking twice', () => {
  test('takes the money once', async () => {
    const sale = await ordered();
    const replies = await Promise.all(Array.from({ length: 10 }, () => pay(sale)));
    expect(await held(sale)).toBe(2500);
    expect((await list(sale)).filter(({ status }) => status === 'succeeded')).toHaveLength(1);
    for (const { status } of replies) expect([201, 402, 409, 503]).toContain(status);
    expect(replies.some(({ status }) => status === 201)).toBe(true);
  });

  test('under one idempotency key is one payment with one answer', async () => {
    const sale = await ordered();
    // Who is told to come again, as the first is still at work, does.
    const insist = async (): Promise<Awaited<ReturnType<typeof pay>>> => {
      const reply = await pay(sale, 'pm_card_visa', 'k1');
      return reply.status === 503 ? insist() : reply;
    };
    const replies = await Promise.all(Array.from({ length: 10 }, insist));
    for (const { status, body } of replies) expect([status, body.id]).toEqual([201, replies[0]!.body.id]);
    expect(await list(sale)).toHaveLength(1);
    expect(await held(sale)).toBe(2500);
    await sale.becomes('complete');
    expect((await pay(sale, 'pm_card_visa', 'k1').expect(201)).body.id).toBe(replies[0]!.body.id);
  });

  test('under one idempotency key with another body is refused', async () => {
    const sale = await ordered();
    await pay(sale, 'pm_card_visa', 'k1').expect(201);
    const { body } = await pay(sale, 'pm_card_mastercard', 'k1').expect(409);
    expect(body.errors).toMatchObject([{ field: 'idempotency-key' }]);
  });

  test('after a decline under the same key gives the same decline', async () => {
    const sale = await ordered();
    await pay(sale, 'pm_card_chargeDeclined', 'k1').expect(402);
    await pay(sale, 'pm_card_chargeDeclined', 'k1').expect(402);
    expect(await list(sale)).toHaveLength(1);
  });
});

describe('a card that asks its owner to authenticate', () => {
  const challenged = async () => {
    const sale = await ordered();
    const { body } = await pay(sale, 'pm_card_authenticationRequired', 'k1').expect(202);
    expect(body.challenged).toBe(true);
    await eventually(() =>
      events.some(
        ({ type, data }) =>
          type === 'payment:started' && data['id'] === body.id && data['challenged'] === true,
      ),
    );
    expect(body).toMatchObject({ status: 'started', clientSecret: expect.stringContaining('_secret_') });
    const { intentId } = (await stored(body.id as string))!;
    return { sale, id: body.id as string, clientSecret: body.clientSecret as string, intentId };
  };

  test('is charged when he did; a webhook tells', async () => {
    const { sale, id, clientSecret, intentId } = await challenged();
    expect(await held(sale)).toBe(0);
    expect((await pay(sale, 'pm_card_authenticationRequired', 'k1').expect(202)).body.clientSecret).toBe(
      clientSecret,
    );
    await authenticate(clientSecret, 'complete').expect(200);
    await webhook('payment_intent.succeeded', about(intentId, id)).expect(204);
    expect(await newest(sale)).toMatchObject({ id, status: 'succeeded' });
    expect(await held(sale)).toBe(2500);
  });

  test('is found charged by the buyer who asks again, though no webhook came', async () => {
    const { sale, id, clientSecret } = await challenged();
    await authenticate(clientSecret, 'complete').expect(200);
    expect((await pay(sale, 'pm_card_authenticationRequired', 'k1').expect(201)).body).toMatchObject({ id });
  });

  test('is not charged when he could not, and another card can pay', async () => {
    const { sale, id, clientSecret, intentId } = await challenged();
    await authenticate(clientSecret, 'fail');
    await webhook('payment_intent.payment_failed', about(intentId, id)).expect(204);
    expect(await newest(sale)).toMatchObject({ id, status: 'failed' });
    expect((await intents(sale))[0].status).toBe('canceled');
    await pay(sale).expect(201);
    expect(await held(sale)).toBe(2500);
  });

  test('gives way to another attempt: the old intent can never be charged any more', async () => {
    const { sale, id, clientSecret } = await challenged();
    await pay(sale).expect(201);
    const [, old] = await list(sale);
    expect(old).toMatchObject({ id, status: 'failed' });
    await authenticate(clientSecret, 'complete');
    expect(await held(sale)).toBe(2500);
  });

  test('does not block cancelling the order', async () => {
    const { sale, clientSecret } = await challenged();
    await sale.becomes('cancelled', { reason: 'buyer' });
    expect(await newest(sale)).toMatchObject({ status: 'failed' });
    await authenticate(clientSecret, 'complete');
    expect(await held(sale)).toBe(0);
  });

  test('is recovered when every webhook was lost', async () => {
    const { sale, clientSecret } = await challenged();
    await authenticate(clientSecret, 'complete').expect(200);
    clock.forward(31_000);
    await eventually(async () => expect(await newest(sale)).toMatchObject({ status: 'succeeded' }));
  });
});

describe('webhooks', () => {
  test('that come repeated and out of order change nothing more', async () => {
    const sale = await ordered();
    const { body } = await pay(sale).expect(201);
    const { intentId } = (await stored(body.id as string))!;
    for (const type of ['succeeded', 'created', 'succeeded', 'payment_failed', 'canceled', 'processing']) {
      await webhook(`payment_intent.${type}`, about(intentId, body.id as string)).expect(204);
    }
    expect(await newest(sale)).toEqual(body);
  });

  test('at once, ten times, record a charge once', async () => {
    const sale = await ordered();
    const { body } = await pay(sale, 'pm_card_authenticationRequired').expect(202);
    const { intentId } = (await stored(body.id as string))!;
    await authenticate(body.clientSecret as string, 'complete').expect(200);
    await Promise.all(
      Array.from({ length: 10 }, () =>
        webhook('payment_intent.succeeded', about(intentId, body.id as string)).expect(204),
      ),
    );
    expect((await newest(sale)).status).toBe('succeeded');
    await eventually(() =>
      events.some(({ type, data }) => type === 'payment:created' && data['id'] === body.id),
    );
    expect(
      events.filter(({ type, data }) => type === 'payment:created' && data['id'] === body.id),
    ).toHaveLength(1);
  });

  test('of which we know nothing are taken and left', () =>
    webhook('payment_intent.succeeded', about('pi_unknown', 'f'.repeat(24))).expect(204));

  test.each([
    ['no signature', ''],
    ['a wrong one', 't=1,v1=00'],
    ['one of another secret', sign('{}', 'whsec_other', Math.floor(Date.now() / 1000))],
  ])('with %s are refused', async (_what, signature) => {
    const { body } = await webhook('payment_intent.succeeded', about('pi_1'), { signature }).expect(400);
    expect(body.errors).toMatchObject([{ field: 'stripe-signature' }]);
  });
});

describe('an order that is lost after it was paid', () => {
  test('gets its money back, once, with the reason', async () => {
    const sale = await ordered();
    await pay(sale).expect(201);
    await sale.becomes('cancelled', { reason: 'ticket-withdrawn' });
    expect(await newest(sale)).toMatchObject({
      status: 'refunded',
      reason: 'The order is cancelled: ticket-withdrawn',
    });
    await sale.becomes('cancelled', { reason: 'ticket-withdrawn' });
    await sale.becomes('refunded', { reason: 'ticket-withdrawn' });
    const [intent] = await intents(sale);
    expect((await stripe(`/refunds?payment_intent=${intent.id}`)).data).toMatchObject([{ amount: 2500 }]);
    await eventually(() =>
      events.some(({ type, data }) => type === 'payment:refunded' && data['orderId'] === sale.id),
    );
    expect(await held(sale)).toBe(0);
  });

  test('in the very moment of the charge gets it back, too', async () => {
    const sale = await ordered();
    await fault({ kind: 'delay', ms: 60_000, path: '/confirm', count: 1 });
    const paying = pay(sale).then(({ status }) => status);
    await eventually(async () => (await stored((await newest(sale)).id))?.intentId !== undefined);
    await sale.becomes('cancelled', { reason: 'buyer' });
    await release();
    await paying;
    await eventually(async () => expect(['failed', 'refunded']).toContain((await newest(sale)).status));
    expect(await held(sale)).toBe(0);
  });

  test('while Stripe is out gets it back later, and a refund that can never be done holds up no other', async () => {
    const [hopeless, sale] = [await ordered(), await ordered()];
    for (const one of [hopeless, sale]) await pay(one).expect(201);
    await fault({ kind: 'error', status: 500, path: '/refunds', count: 6 });
    const first = await newest(hopeless);
    const collection = host.database('payments').connection!.collection<{ _id: string }>('payments');
    await collection.updateOne({ _id: first.id }, { $set: { intentId: 'pi_gone' } });
    await hopeless.becomes('cancelled');
    await sale.becomes('cancelled');
    await eventually(
      async () => {
        clock.forward(11_000);
        expect(await newest(sale)).toMatchObject({ status: 'refunded' });
      },
      { within: 120_000 },
    );
    expect(await newest(hopeless)).toMatchObject({ status: 'succeeded' });
    await collection.deleteOne({ _id: first.id });
  });
});

describe('a payment that Stripe refuses', () => {
  const REFUSED = 'The payment provider does not accept this payment';
  const undone = (sale: Sale) =>
    host
      .database('payments')
      .connection!.collection('inbox')
      .countDocuments({ status: { $ne: 'done' }, message: { $regex: sale.id } });

  test.each(['POST /v1/payment_intents$', '/confirm'])(
    'at %s is 402 and failed, and the order can be paid anew',
    async (path) => {
      const sale = await ordered();
      await fault({ kind: 'error', status: 400, path, count: 1 });
      const { body } = await pay(sale, 'pm_card_visa', 'k1').expect(402);
      expect(body.detail).toBe(REFUSED);
      expect(await newest(sale)).toMatchObject({ status: 'failed', reason: REFUSED });
      expect((await pay(sale, 'pm_card_visa', 'k1').expect(402)).body.detail).toBe(REFUSED);
      expect(await held(sale)).toBe(0);
      await pay(sale).expect(201);
      expect(await held(sale)).toBe(2500);
    },
  );

  test('every time leaves nothing behind when the order ends', async () => {
    const sale = await ordered(900, 1);
    for (let tries = 0; tries < 2; tries++) await pay(sale).expect(402);
    await sale.becomes('cancelled', { reason: 'expired' });
    expect((await list(sale)).map(({ status }) => status)).toEqual(['failed', 'failed']);
    expect(await undone(sale)).toBe(0);
  });

  test('is over, too, when that is found out only as its order ends', async () => {
    const sale = await ordered(900, 1);
    await fault({ kind: 'error', status: 503, path: '/payment_intents' });
    await pay(sale).expect(503);
    await release();
    expect(await newest(sale)).toMatchObject({ status: 'started' });
    await sale.becomes('cancelled', { reason: 'expired' });
    expect(await newest(sale)).toMatchObject({ status: 'failed', reason: REFUSED });
    expect(await undone(sale)).toBe(0);
  });
});

describe('while Stripe is out', () => {
  test('the buyer is asked to come again, and the same request then succeeds', async () => {
    const sale = await ordered();
    await fault({ kind: 'error', status: 503, path: '/payment_intents' });
    const { headers, body } = await pay(sale, 'pm_card_visa', 'k1').expect(503);
    await release();
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(body.detail).not.toContain(key);
    expect(await newest(sale)).toMatchObject({ status: 'started' });
    await eventually(async () => expect((await pay(sale, 'pm_card_visa', 'k1')).status).toBe(201), {
      within: 120_000,
      every: 500,
    });
    expect(await held(sale)).toBe(2500);
  });

  test('a charge whose answer was lost is found and recorded, not repeated', async () => {
    const sale = await ordered();
    await fault({ kind: 'drop', path: '/confirm', count: 3 });
    await pay(sale).expect(503);
    expect(await newest(sale)).toMatchObject({ status: 'started' });
    clock.forward(31_000);
    await eventually(async () => expect(await newest(sale)).toMatchObject({ status: 'succeeded' }), {
      within: 120_000,
    });
    expect(await held(sale)).toBe(2500);
  });

  test('a payment that got no further than its intent is ended, and can be made anew', async () => {
    const sale = await ordered();
    await fault({ kind: 'error', status: 500, path: '/confirm', count: 3 });
    await pay(sale).expect(503);
    clock.forward(31_000);
    await eventually(async () => expect(await newest(sale)).toMatchObject({ status: 'failed' }), {
      within: 120_000,
    });
    await eventually(async () => expect((await pay(sale)).status).toBe(201), { within: 120_000, every: 500 });
    expect(await held(sale)).toBe(2500);
  });
});
