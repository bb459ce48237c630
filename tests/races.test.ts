import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LIVE } from '@ticketing/common/contracts/order';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, patiently, testHost, type TestHost } from '@ticketing/common/testing';
import { suite } from '@ticketing/suite/suite';
import { orderFor } from '@ticketing/suite/api';

let host: TestHost;
beforeAll(async () => {
  host = await testHost(suite, {
    mongoUrl: process.env['TEST_MONGO_URL'] ?? '',
    env: { STRIPE_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRET: 'whsec_x', STRIPE_URL: 'http://127.0.0.1:9' },
  });
});
afterAll(() => host.destroy());

interface Placed {
  buyer: string;
  wanted: string[];
  status: number;
  body: { id: string; items: { ticketId: string }[]; errors: { field: string; message: string }[] };
}
const call = async (path: string, user: string, body: object) => {
  const response = await patiently(() =>
    fetch(`${host.url}${path}`, {
      method: 'POST',
      headers: { ...bearer({ id: user }), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
  return { status: response.status, body: (await response.json()) as never };
};
const place = async (wanted: string[]): Promise<Placed> => {
  const buyer = systemIds.next();
  return { buyer, wanted, ...(await call('/api/orders', buyer, orderFor(wanted))) };
};
const collection = (service: string, name: string) => host.database(service).connection!.collection(name);

/** Tickets of one sale, of which `orders` has heard. */
const onSale = async (count: number): Promise<string[]> => {
  const seller = systemIds.next();
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const { body } = await call('/api/tickets', seller, {
      title: `Seat ${n}`,
      price: 2500,
      ...(ids[0] !== undefined && { saleId: ids[0] }),
    });
    ids.push((body as { id: string }).id);
  }
  const heard = { _id: { $in: ids as never[] } };
  await eventually(async () => (await collection('orders', 'tickets').countDocuments(heard)) === count);
  return ids;
};
/** Which live order each ticket is in: more than one would be a ticket sold twice. */
const holders = async (ids: string[]): Promise<Map<string, string[]>> => {
  const found = await collection('orders', 'orders')
    .find({ status: { $in: [...LIVE] }, 'items.ticketId': { $in: ids } })
    .toArray();
  const map = new Map<string, string[]>();
  for (const { _id, items } of found) {
    for (const { ticketId } of items as { ticketId: string }[]) {
      map.set(ticketId, [...(map.get(ticketId) ?? []), String(_id)]);
    }
  }
  return map;
};
const namesWhatIsGone = ({ wanted, body }: Placed, held: Map<string, string[]>) => {
  const named = body.errors.map(({ field, message }) => {
    const id = wanted[Number(/^ticketIds\.(\d+)$/.exec(field)![1])]!;
    expect(message).toContain(id);
    return id;
  });
  expect(named.length).toBeGreaterThan(0);
  for (const id of named) expect(held.has(id)).toBe(true);
};

test('a hundred buyers of one ticket: one gets it, the others learn that it is gone', async () => {
  for (let round = 0; round < 3; round++) {
    const ids = await onSale(1);
    const replies = await Promise.all(Array.from({ length: 100 }, () => place(ids)));
    const winners = replies.filter(({ status }) => status === 201);
    expect(winners).toHaveLength(1);
    const held = await holders(ids);
    expect(held.get(ids[0]!)).toEqual([winners[0]!.body.id]);
    for (const loser of replies.filter((one) => one !== winners[0])) {
      expect(loser.status).toBe(409);
      namesWhatIsGone(loser, held);
    }
    await eventually(async () =>
      expect(await collection('tickets', 'tickets').findOne({ _id: ids[0] as never })).toMatchObject({
        status: 'reserved',
        version: 0,
      }),
    );
  }
});

test('two hundred buyers of overlapping tickets, fifty in all: none is sold twice, none is half an order', async () => {
  const ids = await onSale(50);
  let seed = 20_260_101;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const some = () => {
    const left = [...ids];
    return Array.from({ length: 1 + random(4) }, () => left.splice(random(left.length), 1)[0]!);
  };
  const replies = await Promise.all(Array.from({ length: 200 }, () => place(some())));
  const held = await holders(ids);
  const sold = [...held.values()].flat();
  expect(sold).toHaveLength(held.size);
  const winners = replies.filter(({ status }) => status === 201);
  expect(winners.length).toBeGreaterThan(10);
  for (const { wanted, body } of winners) {
    expect(body.items.map(({ ticketId }) => ticketId)).toEqual(wanted);
    for (const id of wanted) expect(held.get(id)).toEqual([body.id]);
  }
  const losers = replies.filter(({ status }) => status !== 201);
  for (const loser of losers) {
    expect(loser.status).toBe(409);
    namesWhatIsGone(loser, held);
  }
  expect(winners.reduce((sum, { wanted }) => sum + wanted.length, 0)).toBe(held.size);
  await eventually(async () => {
    const reserved = await collection('tickets', 'tickets')
      .find({ _id: { $in: ids as never[] }, status: 'reserved' })
      .toArray();
    expect(reserved.map(({ _id }) => String(_id)).sort()).toEqual([...held.keys()].sort());
  });
});

test('what buyers give back and take at the same time is never in two orders', async () => {
  const ids = await onSale(5);
  const buyerOf = new Map<string, string>();
  for (let round = 0; round < 6; round++) {
    const back = [...new Set([...(await holders(ids)).values()].flat())];
    const [replies] = await Promise.all([
      Promise.all(Array.from({ length: 30 }, (_, n) => place([ids[n % 5]!, ids[(n + 1) % 5]!]))),
      Promise.all(
        back.map((id) =>
          fetch(`${host.url}/api/orders/${id}`, {
            method: 'DELETE',
            headers: bearer({ id: buyerOf.get(id)! }),
          }),
        ),
      ),
    ]);
    for (const { status, buyer, body } of replies) if (status === 201) buyerOf.set(body.id, buyer);
    for (const one of (await holders(ids)).values()) expect(one).toHaveLength(1);
  }
  const held = await holders(ids);
  await eventually(async () => {
    const reserved = await collection('tickets', 'tickets').countDocuments({
      _id: { $in: ids as never[] },
      status: 'reserved',
    });
    expect(reserved).toBe(held.size);
  });
});

test('an edit between an order and its news: what was sold is what is shown, and the edit counts when it is let go', async () => {
  const [sellerId, ask] = [systemIds.next(), patiently];
  const get = async (path: string) => (await ask(() => fetch(`${host.url}${path}`))).json() as Promise<never>;
  let slipped = 0;
  for (let round = 0; round < 40; round++) {
    const { body } = await call('/api/tickets', sellerId, { title: 'As offered', price: 2500 });
    const { id } = body as { id: string };
    await eventually(
      async () => (await collection('orders', 'tickets').countDocuments({ _id: id as never })) === 1,
    );
    const edit = { title: 'As edited', price: 9900 };
    const [edited, { buyer, status, body: order }] = await Promise.all([
      fetch(`${host.url}/api/tickets/${id}`, {
        method: 'PATCH',
        headers: { ...bearer({ id: sellerId }), 'content-type': 'application/json' },
        body: JSON.stringify(edit),
      }),
      place([id]),
    ]);
    if (status !== 201) continue;
    const [bought] = order.items as unknown as { title: string; price: number; ticketVersion: number }[];
    const terms = { title: bought!.title, price: bought!.price };
    await eventually(async () =>
      expect(await get(`/api/tickets/${id}`)).toMatchObject({
        status: 'reserved',
        ...terms,
        version: bought!.ticketVersion,
      }),
    );
    const cheap = (await get(`/api/tickets?sellerId=${sellerId}&maxPrice=2500&limit=200`)) as {
      id: string;
    }[];
    expect(cheap.some((one) => one.id === id)).toBe(terms.price === 2500);
    if (edited.status !== 200 || terms.price === 9900) continue;
    slipped += 1;
    await fetch(`${host.url}/api/orders/${order.id}`, { method: 'DELETE', headers: bearer({ id: buyer }) });
    await eventually(async () =>
      expect(await get(`/api/tickets/${id}`)).toMatchObject({ status: 'available', ...edit, version: 1 }),
    );
    await eventually(async () =>
      expect(await collection('orders', 'tickets').findOne({ _id: id as never })).toMatchObject({
        ...edit,
        version: 1,
      }),
    );
  }
  expect(slipped).toBeGreaterThan(0);
}, 120_000);
