import { describe, expect, test } from '@jest/globals';
import { systemIds } from '@ticketing/common/runtime';
import { eventually } from '@ticketing/common/testing';
import {
  clock,
  fault,
  held,
  host,
  inDashboard,
  metric,
  newest,
  paid,
  refundsOf,
  type Sale,
  sandbox,
  stored,
  told,
  webhook,
} from './shop.ts';

/** Once the provider has decided, its webhook says that there is something to see. */
const settled = async (sale: Sale, status: string) => {
  const refund = await eventually(async () => {
    const [last] = await refundsOf(sale);
    expect(last).toMatchObject({ status });
    return last!;
  });
  await webhook('refund.updated', refund).expect(204);
};
/** What a person asks by `npm run refunds`. */
const asks = async (sale: Sale, asked: object) => {
  const { id } = await newest(sale);
  const payments = host.database('payments').connection!.collection<{ _id: string }>('payments');
  await payments.updateOne({ _id: id }, { $set: { asked } });
  await eventually(async () => expect(await stored(id)).not.toHaveProperty('asked'));
};
const failures = () => metric('refunds_failed_total');

describe('a refund that fails after it succeeded', () => {
  test('is no refund: the payment holds the money again, and an operator is told once', async () => {
    const before = await failures();
    const sale = await paid('pm_card_refundFail');
    await sale.becomes('cancelled', { reason: 'seller' });
    expect(await newest(sale)).toMatchObject({ status: 'refunded', refundedAmount: 2500 });
    await settled(sale, 'failed');
    const now = await newest(sale);
    expect(now).toMatchObject({ status: 'succeeded', refund: { status: 'failed', amount: 2500 } });
    expect(now).not.toHaveProperty('refundedAmount');
    expect(now).not.toHaveProperty('reason');
    await eventually(() => expect(told(sale).at(-1)).toBe('payment:created'));
    await settled(sale, 'failed');
    expect(await failures()).toBe(before + 1);
    expect(await refundsOf(sale)).toHaveLength(1);
  });

  test('is tried again when a person asks, under a key of its own, or closed with a note', async () => {
    const sale = await paid('pm_card_refundFail');
    await sale.becomes('cancelled');
    await settled(sale, 'failed');
    await asks(sale, { do: 'retry' });
    await eventually(async () => expect(await refundsOf(sale)).toHaveLength(2));
    await settled(sale, 'failed');
    await eventually(async () => expect(await newest(sale)).toMatchObject({ refund: { status: 'failed' } }));
    await asks(sale, { do: 'close', note: 'Sent by cheque' });
    expect(await newest(sale)).toMatchObject({
      status: 'succeeded',
      refund: { status: 'closed', note: 'Sent by cheque' },
    });
    clock.forward(3600_000);
    await sale.becomes('cancelled');
    expect(await refundsOf(sale)).toHaveLength(2);
  });
});

test('a refund that the bank takes its time for is pending until it stands', async () => {
  const sale = await paid('pm_card_pendingRefund');
  await sale.becomes('cancelled');
  expect(await newest(sale)).toMatchObject({ status: 'succeeded', refund: { status: 'pending' } });
  await settled(sale, 'succeeded');
  expect(await newest(sale)).toMatchObject({ status: 'refunded', refund: { status: 'succeeded' } });
  expect(await refundsOf(sale)).toHaveLength(1);
});

test('a refund that the provider refuses is not tried again by itself; when a person asks, it is', async () => {
  const before = await failures();
  const sale = await paid();
  await fault({ kind: 'error', status: 400, path: '/refunds' });
  await sale.becomes('cancelled');
  expect(await newest(sale)).toMatchObject({ status: 'succeeded', refund: { status: 'failed' } });
  clock.forward(3600_000);
  await sale.becomes('cancelled');
  expect(await failures()).toBe(before + 1);
  await fetch(`${sandbox.url}/sandbox/faults`, { method: 'DELETE' });
  await asks(sale, { do: 'retry' });
  await eventually(async () => expect(await newest(sale)).toMatchObject({ status: 'refunded' }));
  expect(await refundsOf(sale)).toHaveLength(1);
});

test('an outage is waited out with growing pauses', async () => {
  const sale = await paid();
  await fault({ kind: 'error', status: 500, path: '/refunds' });
  await sale.becomes('cancelled').catch(() => undefined);
  const { id } = await newest(sale);
  const pauses: number[] = [];
  for (let look = 1; look <= 3; look++) {
    const due = await eventually(async () => {
      const { looks, dueAt } = (await stored(id)) as unknown as { looks?: number; dueAt?: Date };
      expect(looks).toBeGreaterThanOrEqual(look);
      return dueAt!;
    });
    pauses.push(due.getTime() - clock.now().getTime());
    clock.forward(Math.max(0, due.getTime() - clock.now().getTime()) + 1);
  }
  expect(pauses[1]).toBeGreaterThan(pauses[0]!);
  expect(pauses[2]).toBeGreaterThan(pauses[1]!);
  await fetch(`${sandbox.url}/sandbox/faults`, { method: 'DELETE' });
  await eventually(async () => {
    clock.forward(60_000);
    expect(await newest(sale)).toMatchObject({ status: 'refunded' });
  });
});

describe('what was given back at the provider', () => {
  test('in whole makes the payment refunded, and says where', async () => {
    const sale = await paid();
    await webhook('refund.created', await inDashboard(sale)).expect(204);
    expect(await newest(sale)).toMatchObject({
      status: 'refunded',
      refundedAmount: 2500,
      refundedElsewhere: 2500,
      reason: 'Given back at the payment provider',
    });
  });

  test('in part leaves it paid; a cancellation gives back the rest and no more', async () => {
    const sale = await paid();
    await webhook('refund.created', await inDashboard(sale, 700)).expect(204);
    expect(await newest(sale)).toMatchObject({ status: 'succeeded', refundedAmount: 700 });
    await sale.becomes('cancelled');
    expect(await newest(sale)).toMatchObject({
      status: 'refunded',
      refundedAmount: 2500,
      refundedElsewhere: 700,
      refund: { amount: 1800 },
    });
    expect((await refundsOf(sale)).map(({ amount }) => amount)).toEqual([1800, 700]);
  });

  test('of which we never heard is seen before more is given back', async () => {
    const sale = await paid();
    await inDashboard(sale, 700);
    await sale.becomes('cancelled');
    expect((await refundsOf(sale)).map(({ amount }) => amount)).toEqual([1800, 700]);
    expect(await newest(sale)).toMatchObject({ status: 'refunded', refundedAmount: 2500 });
    expect(await held(sale)).toBe(0);
  });
});

describe('what no webhook told', () => {
  const sweeping = (check: () => Promise<void>) =>
    eventually(async () => {
      clock.forward(5000);
      await check();
    });

  test('is asked of the provider: a refund in its dashboard', async () => {
    const sale = await paid();
    await inDashboard(sale, 700);
    await sweeping(async () => expect(await newest(sale)).toMatchObject({ refundedAmount: 700 }));
  });

  test('a refund of ours that failed', async () => {
    const sale = await paid('pm_card_refundFail');
    await sale.becomes('cancelled');
    await sweeping(async () => expect(await newest(sale)).toMatchObject({ refund: { status: 'failed' } }));
  });

  test('not even its events of the last 30 days: what moved the balance since is', async () => {
    const sale = await paid();
    const cursors = host.database('payments').connection!.collection<{ _id: string }>('cursors');
    const monthAgo = new Date(clock.now().getTime() - 40 * 24 * 3600_000);
    await fault({ kind: 'error', status: 500, path: '/v1/events' });
    await inDashboard(sale, 700);
    await sweeping(async () => {
      // Again and again: a sweep that began before says how far it came when it ends.
      await cursors.updateOne({ _id: 'provider' }, { $set: { heardUntil: monthAgo } });
      expect(await newest(sale)).toMatchObject({ refundedAmount: 700 });
    });
  });

  test('is asked again when the provider was out meanwhile', async () => {
    const sale = await paid();
    await inDashboard(sale, 700);
    await fault({ kind: 'error', status: 500, path: '/v1/events' });
    clock.forward(3600_000);
    await fetch(`${sandbox.url}/sandbox/faults`, { method: 'DELETE' });
    await sweeping(async () => expect(await newest(sale)).toMatchObject({ refundedAmount: 700 }));
  });
});

describe('a signed webhook', () => {
  const event = (fields: object) => ({
    id: 'evt_1',
    object: 'event',
    type: 'payment_intent.succeeded',
    ...fields,
  });
  const id = systemIds.next();

  test.each([
    ['nothing', null],
    ['a number', 7],
    ['a list', [1]],
    ['words', 'hello'],
    ['an empty object', {}],
    ['no type', event({ type: undefined, data: { object: {} } })],
    ['a type that is no text', event({ type: 7, data: { object: {} } })],
    ['no data', event({})],
    ['data that is nothing', event({ data: null })],
    ['an object that is nothing', event({ data: { object: null } })],
    ['an object that is a list', event({ data: { object: [] } })],
    ['another object', { object: 'payment_intent', id: 'pi_1' }],
  ])('with %s is no event: 400', async (_what, body) => {
    const answer = await webhook('', {}, { body: JSON.stringify(body) }).expect(400);
    expect(answer.body.errors).toEqual([{ message: 'is not an event of Stripe' }]);
  });

  test('that is no JSON is no event: 400', () => webhook('', {}, { body: '{"id": "evt_1"' }).expect(400));

  test.each([
    [
      'a thin event',
      { id: 'evt_1', object: 'v2.core.event', type: 'v1.billing.meter.error_report_triggered' },
    ],
    [
      'a type that means nothing to us',
      event({ type: 'invoice.paid', data: { object: { object: 'invoice' } } }),
    ],
    [
      'an intent of another application',
      event({ data: { object: { object: 'payment_intent', id: 'pi_x' } } }),
    ],
    [
      "an intent with another's numbers",
      event({ data: { object: { object: 'payment_intent', id: 'pi_x', metadata: { paymentId: '42' } } } }),
    ],
    [
      'an intent whose metadata is no text',
      event({
        data: { object: { object: 'payment_intent', id: 'pi_x', metadata: { paymentId: { $gt: '' } } } },
      }),
    ],
    [
      'a state that we never cause',
      event({
        type: 'payment_intent.amount_capturable_updated',
        data: {
          object: {
            object: 'payment_intent',
            id: 'pi_x',
            status: 'requires_capture',
            metadata: { paymentId: id },
          },
        },
      }),
    ],
    [
      'a refund of nothing of ours',
      event({
        type: 'refund.created',
        data: { object: { object: 'refund', id: 're_x', payment_intent: null } },
      }),
    ],
    [
      'a payment intent that is no text',
      event({
        type: 'refund.created',
        data: { object: { object: 'refund', payment_intent: { id: { $gt: '' } } } },
      }),
    ],
  ])('of %s is not ours: 204, and costs no operation of the database', async (_what, body) => {
    const db = host.database('payments').connection!.db!;
    await db.command({ profile: 2 });
    await webhook('', {}, { body: JSON.stringify(body) }).expect(204);
    await db.command({ profile: 0 });
    const seen = await db
      .collection('system.profile')
      .find({ ns: `${db.databaseName}.payments`, 'command.filter.pending.at': { $exists: false } })
      .toArray();
    // What is repeated meanwhile looks for payments that there are.
    const ours = await db.collection<{ _id: string }>('payments').distinct('_id');
    const looks = seen.filter(({ command }) => {
      const { filter = {} } = command as {
        filter?: { _id?: string | { $in?: string[] }; intentId?: unknown };
      };
      const ids = typeof filter._id === 'object' ? (filter._id.$in ?? [filter._id]) : [filter._id];
      return (
        filter.intentId !== undefined ||
        (filter._id !== undefined && !ids.every((one) => ours.includes(one as string)))
      );
    });
    expect(looks).toEqual([]);
    await db.collection('system.profile').drop();
  });
});
