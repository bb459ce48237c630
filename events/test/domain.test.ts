import { describe, expect, test } from '@jest/globals';
import { isRejection, type Rejection } from '@ticketing/common/rejection';
import { cancel, copyOf, draft, edit, postpone, publish, remove } from '../src/domain.ts';
import { addCode, codeOf } from '../src/domain/codes.ts';
import type { EventRecord, Wanted } from '../src/domain/record.ts';
import { join, leave, openLink } from '../src/domain/team.ts';
import { momentOf, moved } from '@ticketing/common/times';
import { concert } from './wanted.ts';

const id = (n: number) => n.toString(16).padStart(24, '0');
const [owner, manager, door, stranger] = [1, 2, 3, 4].map((n) => ({ id: id(n), roles: [] as [] })) as [
  Asker,
  Asker,
  Asker,
  Asker,
];
type Asker = { id: string; roles: [] };
const now = new Date('2096-01-01T00:00:00Z');
const means = (first = 100) => {
  let made = first;
  const newId = () => id(made++);
  return { newId, newPoolId: () => newId().slice(8), currency: 'usd', freeLimit: 4 };
};

const refused = (outcome: unknown): Rejection => {
  if (!isRejection(outcome)) throw new Error(`was taken: ${JSON.stringify(outcome)}`);
  return outcome;
};
const fieldsOf = (outcome: unknown) => refused(outcome).errors?.map(({ field }) => field);
const kept = (outcome: object): EventRecord => {
  if (isRejection(outcome)) throw new Error(JSON.stringify(outcome));
  return { version: 0, createdAt: now, updatedAt: now, ...outcome } as EventRecord;
};
const made = (fields: object = {}) => kept(draft(id(9), owner.id, concert(fields), means()));
const after = (event: EventRecord, changes: object): EventRecord => {
  if (isRejection(changes)) throw new Error(JSON.stringify(changes));
  return { ...event, ...changes, version: event.version + 1 };
};
const staffed = (event: EventRecord): EventRecord => ({
  ...event,
  internal: {
    ...event.internal,
    team: [
      ...event.internal.team,
      { userId: manager.id, role: 'manager' },
      { userId: door.id, role: 'door' },
    ],
  },
});
const open = (fields: object = {}) => {
  const event = staffed(made(fields));
  return after(event, publish(owner, now, undefined)(event));
};
/** As it would be asked for again. */
const again = (event: EventRecord, fields: object = {}): Wanted => {
  const of = ({ id }: { id: string }, index: number) => ({ id, ...concert().pools[index] });
  const { pools, tiers } = event;
  return {
    ...concert(),
    pools: pools.map(of),
    tiers: tiers.map(({ id, name, poolId, price, taxRate }) => ({ id, name, poolId, price, taxRate })),
    ...fields,
  };
};

describe('a local time', () => {
  test.each([
    ['2026-06-01T20:00', 'Europe/Berlin', '2026-06-01T18:00:00.000Z'],
    ['2026-06-01T20:00+02:00', 'Europe/Berlin', '2026-06-01T18:00:00.000Z'],
    ['2026-01-01T20:00', 'America/New_York', '2026-01-02T01:00:00.000Z'],
    ['2026-06-01T20:00', 'Asia/Kathmandu', '2026-06-01T14:15:00.000Z'],
    ['2026-03-29T01:59', 'Europe/Berlin', '2026-03-29T00:59:00.000Z'],
    ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T01:59', 'Europe/Berlin', '2026-10-24T23:59:00.000Z'],
    ['2026-10-25T03:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
    ['2026-10-25T02:30+02:00', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T02:30+01:00', 'Europe/Berlin', '2026-10-25T01:30:00.000Z'],
    ['2026-04-05T01:45+10:30', 'Australia/Lord_Howe', '2026-04-04T15:15:00.000Z'],
    ['2011-12-29T23:59', 'Pacific/Apia', '2011-12-30T09:59:00.000Z'],
    ['2011-12-31T00:00', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ])('%s in %s is %s', (local, zone, moment) => {
    expect(momentOf(local, zone)).toEqual(new Date(moment));
  });

  test.each([
    ['2026-03-29T02:00', 'Europe/Berlin', 'from 2026-03-29T02:00 to 2026-03-29T03:00'],
    ['2026-03-29T02:59', 'Europe/Berlin', 'from 2026-03-29T02:00 to 2026-03-29T03:00'],
    ['2026-03-08T02:15', 'America/New_York', 'from 2026-03-08T02:00 to 2026-03-08T03:00'],
    ['2026-10-04T02:15', 'Australia/Lord_Howe', 'from 2026-10-04T02:00 to 2026-10-04T02:30'],
    ['2011-12-30T12:00', 'Pacific/Apia', 'from 2011-12-30T00:00 to 2011-12-31T00:00'],
    ['2026-10-25T02:00', 'Europe/Berlin', 'say 2026-10-25T02:00+02:00 or 2026-10-25T02:00+01:00'],
    ['2026-11-01T01:15', 'America/New_York', 'say 2026-11-01T01:15-04:00 or 2026-11-01T01:15-05:00'],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', 'say 2026-04-05T01:45+11:00 or 2026-04-05T01:45+10:30'],
    ['2026-10-25T02:30+03:00', 'Europe/Berlin', '2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00'],
    ['2026-06-01T20:00+01:00', 'Europe/Berlin', '2026-06-01T20:00+02:00'],
    ['2026-02-30T20:00', 'Europe/Berlin', 'a day that there is'],
  ])('%s in %s is none, and what is allowed is said', (local, zone, said) => {
    expect(momentOf(local, zone)).toContain(said);
  });

  test('moves by what clocks show, past what they jump over, and is the first of two', () => {
    const from = '2026-03-01T20:00';
    const move = (local: string, to: string) => moved(local, from, to, 'Europe/Berlin');
    expect(move('2026-02-27T10:00', '2026-07-01T20:00')).toBe('2026-06-29T10:00');
    expect(move('2026-03-01T02:30', '2026-03-29T20:00')).toBe('2026-03-29T03:30');
    expect(move('2026-03-01T02:30', '2026-10-25T20:00')).toBe('2026-10-25T02:30+02:00');
  });
});

describe('a draft', () => {
  test('has its moments, pools, tiers and places by numbers, and what it is found by', () => {
    const event = made();
    expect(event).toMatchObject({
      status: 'draft',
      startsAt: new Date('2096-12-24T18:00:00Z'),
      endsAt: new Date('2096-12-24T21:00:00Z'),
      currency: 'usd',
      pools: [{ capacity: 300 }, { capacity: 8 }],
      prices: [2500, 5000],
      cityKey: 'zurich',
      internal: { ownerId: owner.id, team: [{ userId: owner.id, role: 'owner' }], codes: [] },
    });
    const [general, seats] = event.pools;
    expect(event.tiers.map(({ poolId }) => poolId)).toEqual([general!.id, seats!.id]);
    expect(event.internal.held).toEqual([{ poolId: seats!.id, from: 0, to: 1 }]);
    expect(event.marks).toEqual([{ poolId: seats!.id, from: 7, to: 7, mark: 'accessible' }]);
    expect(event.words).toEqual(expect.arrayContaining(['songs', 'zurich', 'hall', 'everybody']));
  });

  const pool = (fields: object) => ({ pools: [fields], tiers: [] });
  const rows = (...all: object[]) => pool({ blocks: [{ name: 'Stalls', rows: all }] });
  const tier = (fields: object) => ({ tiers: [{ name: 'One', pool: 0, price: 2500, ...fields }] });
  test.each([
    ['ends before it starts', { ends: '2096-12-24T18:00' }, ['ends']],
    ['ends when it starts', { ends: '2096-12-24T19:00' }, ['ends']],
    ['takes longer than a year', { ends: '2098-01-24T18:00' }, ['ends']],
    ['begins when no clock shows it', { starts: '2026-03-29T02:30' }, ['starts']],
    ['begins when clocks show it twice', { starts: '2026-10-25T02:30' }, ['starts']],
    ['has neither capacity nor blocks', pool({}), ['pools.0.capacity']],
    ['has another capacity than seats', pool({ capacity: 9, ...concert().pools[1] }), ['pools.0.capacity']],
    [
      'has two rows of one label',
      rows({ label: 'A', seats: 1 }, { label: 'A', seats: 1 }),
      ['pools.0.blocks.0.rows.1.label'],
    ],
    [
      'has two blocks of one name',
      pool({ blocks: [0, 1].map(() => ({ name: 'S', rows: [{ label: 'A', seats: 1 }] })) }),
      ['pools.0.blocks.1.name'],
    ],
    [
      'names fewer seats than it has',
      rows({ label: 'A', seats: 2, names: ['1'] }),
      ['pools.0.blocks.0.rows.0.names'],
    ],
    [
      'names two seats alike',
      rows({ label: 'A', seats: 2, names: ['1', '1'] }),
      ['pools.0.blocks.0.rows.0.names.1'],
    ],
    [
      'has more seats than a pool may',
      rows(...Array.from({ length: 201 }, (_, n) => ({ label: `${n}`, seats: 500 }))),
      ['pools.0.blocks'],
    ],
    [
      'has more places than an event may',
      { pools: [{ capacity: 100_000 }, { capacity: 100_000 }, { capacity: 1 }], tiers: [] },
      ['pools'],
    ],
    [
      'holds back what overlaps',
      pool({
        capacity: 9,
        held: [
          { from: 3, to: 5 },
          { from: 0, to: 3 },
        ],
      }),
      ['pools.0.held.0.from'],
    ],
    [
      'holds back more than there is',
      pool({ capacity: 9, held: [{ from: 3, to: 9 }] }),
      ['pools.0.held.0.to'],
    ],
    ['holds back from behind', pool({ capacity: 9, held: [{ from: 3, to: 2 }] }), ['pools.0.held.0.to']],
    [
      'marks what overlaps',
      pool({
        capacity: 9,
        marks: [
          { from: 0, to: 5, mark: 'companion' },
          { from: 5, to: 6, mark: 'accessible' },
        ],
      }),
      ['pools.0.marks.1.from'],
    ],
    ['names a pool that it has not', pool({ id: 'a'.repeat(16), capacity: 9 }), ['pools.0.id']],
    ['has a tier of no pool', tier({ pool: 2 }), ['tiers.0.pool']],
    ['does not say which pool', tier({ pool: undefined }), ['tiers.0.pool']],
    ['says twice which pool', tier({ poolId: 'a'.repeat(16) }), ['tiers.0.pool', 'tiers.0.poolId']],
    ['names a tier that it has not', tier({ id: id(1) }), ['tiers.0.id']],
    ['costs less than can be charged', tier({ price: 49 }), ['tiers.0.price']],
    ['costs more than can be charged', tier({ price: 100_000_000 }), ['tiers.0.price']],
    ['costs yen of less than can be charged', { currency: 'jpy', ...tier({ price: 49 }) }, ['tiers.0.price']],
    [
      'closes a sale before it opens',
      tier({ opens: '2096-12-02T10:00', closes: '2096-12-01T10:00' }),
      ['tiers.0.closes'],
    ],
    ['closes a sale after its end', tier({ closes: '2096-12-24T22:01' }), ['tiers.0.closes']],
    ['opens a sale when it is over', tier({ opens: '2096-12-24T22:00' }), ['tiers.0.opens']],
    ['opens a sale when no clock shows it', tier({ opens: '2026-03-29T02:30' }), ['tiers.0.opens']],
    ['takes back when it is over', { returns: { until: '2096-12-25T00:00' } }, ['returns.until']],
  ])('that %s is refused, naming the field', (_what, fields, named) => {
    const outcome = draft(id(9), owner.id, concert(fields), means());
    expect(fieldsOf(outcome)).toEqual(named);
    expect(refused(outcome).code).toBe('invalid');
  });

  test('names all that is wrong at once', () => {
    const outcome = draft(
      id(9),
      owner.id,
      concert({ ends: '2096-12-24T18:00', ...tier({ price: 1 }) }),
      means(),
    );
    expect(fieldsOf(outcome)).toEqual(['ends', 'tiers.0.price']);
  });

  test.each([
    [{ price: 0 }, 4],
    [{ price: 0, limit: 2 }, 2],
    [{ price: 0, limit: null }, undefined],
    [{ price: 2500 }, undefined],
    [{ price: 2500, limit: 6 }, 6],
  ])('a tier %j has a limit of %s for one account', (fields, limit) => {
    expect(made(tier(fields)).tiers[0]!.limit).toBe(limit);
  });

  test('of twenty pools made at once each has an id of its own', () => {
    let asked = 0;
    const newPoolId = () =>
      Math.floor(asked++ / 2)
        .toString(16)
        .padStart(16, '0');
    const pools = Array.from({ length: 20 }, () => ({ capacity: 1 }));
    const event = kept(draft(id(9), owner.id, concert({ pools, tiers: [] }), { ...means(), newPoolId }));
    expect(new Set(event.pools.map((one) => one.id)).size).toBe(20);
  });

  test('is there for its team alone, and goes by its owner', () => {
    const event = staffed(made());
    expect(refused(edit(stranger, again(event), now, means(), undefined)(event)).code).toBe('not-found');
    expect(remove(stranger, event, undefined)!.code).toBe('not-found');
    expect(remove(manager, event, undefined)!.code).toBe('forbidden');
    expect(remove(owner, event, 7)!.code).toBe('stale');
    expect(remove(owner, event, 0)).toBeUndefined();
    expect(remove(owner, open(), undefined)!.code).toBe('conflict');
  });

  test('loses what a change is silent of, and may lose pools and tiers', () => {
    const event = made({ returns: { until: '2096-12-01T10:00', feePercent: 10 }, reentry: true });
    const { description: _, ...silent } = again(event, { pools: [{ capacity: 5 }], tiers: [] });
    const next = after(event, edit(owner, silent, now, means(), 0)(event));
    expect(next).toMatchObject({ pools: [{ capacity: 5 }], tiers: [], internal: { held: [] } });
    for (const field of ['description', 'returns', 'reentry', 'marks'] as const)
      expect(next[field]).toBeUndefined();
  });

  test('that is said anew as it is does not change', () => {
    const event = made();
    expect(edit(owner, again(event), now, means(), 0)(event)).toEqual({});
  });
});

describe('publishing', () => {
  test('is for owner and managers, once, of what can be sold and is not over', () => {
    const event = staffed(made());
    for (const by of [owner, manager])
      expect(publish(by, now, 0)(event)).toEqual({
        status: 'published',
        publishedAt: now,
        publishedVersion: 1,
      });
    expect(refused(publish(door, now, 0)(event)).code).toBe('forbidden');
    expect(refused(publish(owner, now, 3)(event)).code).toBe('stale');
    expect(refused(publish(owner, now, undefined)(open())).code).toBe('conflict');
    expect(fieldsOf(publish(owner, now, 0)(made({ tiers: [] })))).toEqual(['tiers']);
    expect(fieldsOf(publish(owner, event.endsAt, 0)(event))).toEqual(['ends']);
  });

  const seats = (...sizes: number[]) => [
    { name: 'Stalls', rows: sizes.map((size, n) => ({ label: `row ${n}`, seats: size })) },
  ];
  const change = (fields: (event: EventRecord) => object) => {
    const event = open();
    return edit(manager, again(event, fields(event)), now, means(500), undefined)(event);
  };
  const second = (event: EventRecord, pool: object) => ({
    pools: [
      { id: event.pools[0]!.id, capacity: 300 },
      { id: event.pools[1]!.id, ...pool },
    ],
  });

  test.each([
    ['its currency', () => ({ currency: 'eur' }), ['currency']],
    ['a tier', (event: EventRecord) => ({ tiers: again(event).tiers.slice(1) }), ['tiers']],
    [
      'a pool',
      (event: EventRecord) => ({
        pools: again(event).pools.slice(0, 1),
        tiers: again(event).tiers.map((one) => ({ ...one, poolId: event.pools[0]!.id })),
      }),
      ['pools'],
    ],
    ['a row', (event: EventRecord) => second(event, { blocks: seats(4) }), ['pools.1.blocks']],
    ['a seat of a row', (event: EventRecord) => second(event, { blocks: seats(3, 4) }), ['pools.1.blocks']],
    [
      'the numbers of its seats',
      (event: EventRecord) => second(event, { blocks: seats(5, 4) }),
      ['pools.1.blocks'],
    ],
    ['that a pool is of seats', (event: EventRecord) => second(event, { capacity: 8 }), ['pools.1']],
    ['that it is ahead', () => ({ starts: '2026-06-01T20:00', ends: '2026-06-01T21:00' }), ['ends']],
  ] as const)('keeps %s', (_what, fields, named) => {
    const outcome = change(fields);
    expect(fieldsOf(outcome)).toEqual(named);
    expect(refused(outcome).code).toBe('conflict');
  });

  test.each([
    ['more seats behind the last', (event: EventRecord) => second(event, { blocks: seats(4, 6, 2) })],
    [
      'other labels, and more held back',
      (event: EventRecord) => second(event, { blocks: seats(4, 4), held: [{ from: 0, to: 7 }] }),
    ],
    [
      'less capacity',
      (event: EventRecord) => ({ pools: [{ id: event.pools[0]!.id, capacity: 10 }, again(event).pools[1]] }),
    ],
    [
      'another price, hidden',
      (event: EventRecord) => ({
        tiers: again(event).tiers.map((one) => ({ ...one, price: 100, hidden: true })),
      }),
    ],
    [
      'a tier and a pool more',
      (event: EventRecord) => ({
        pools: [...again(event).pools, { capacity: 5 }],
        tiers: [...again(event).tiers, { name: 'New', pool: 2, price: 0 }],
      }),
    ],
  ])('allows %s', (_what, fields) => {
    expect(isRejection(change(fields))).toBe(false);
  });

  test('whoever is not of the team may not change it, nor who is at the door', () => {
    const event = open();
    for (const by of [stranger, door]) {
      expect(refused(edit(by, again(event), now, means(), undefined)(event)).code).toBe('forbidden');
      expect(refused(cancel(by, now, undefined)(event)).code).toBe('forbidden');
    }
  });
});

describe('an event that is published', () => {
  const later = {
    starts: '2097-02-01T19:00',
    ends: '2097-02-01T22:00',
    returns: { until: '2097-01-15T00:00' },
  };

  test('is cancelled once and for good', () => {
    const event = open();
    const cancelled = after(event, cancel(manager, now, 1)(event));
    expect(cancelled.status).toBe('cancelled');
    for (const act of [
      cancel(owner, now, undefined),
      publish(owner, now, undefined),
      postpone(owner, later, now, undefined),
    ])
      expect(refused(act(cancelled)).code).toBe('conflict');
    expect(refused(edit(owner, again(cancelled), now, means(), undefined)(cancelled)).code).toBe('conflict');
    expect(refused(cancel(owner, event.endsAt, undefined)(event)).message).toBe('The event is over');
    expect(refused(cancel(owner, now, undefined)(made())).code).toBe('conflict');
  });

  test('is postponed, with a day until which holders may give back', () => {
    const event = open();
    expect(postpone(owner, later, now, 1)(event)).toEqual({
      starts: later.starts,
      startsAt: new Date('2097-02-01T18:00:00Z'),
      ends: later.ends,
      endsAt: new Date('2097-02-01T21:00:00Z'),
      postponedFrom: event.startsAt,
      returns: { until: new Date('2097-01-14T23:00:00Z'), local: '2097-01-15T00:00', feePercent: 0 },
    });
    const past = {
      starts: '2026-02-01T19:00',
      ends: '2097-01-01T20:00',
      returns: { until: '2026-01-15T00:00' },
    };
    expect(fieldsOf(postpone(owner, past, now, undefined)(event))).toEqual([
      'ends',
      'starts',
      'returns.until',
    ]);
    expect(refused(postpone(owner, later, now, undefined)(made())).code).toBe('conflict');
  });

  test('is copied with other ids, times moved along, and without its codes and team', () => {
    const event = open({
      tiers: [
        {
          name: 'Early',
          pool: 1,
          price: 0,
          limit: null,
          opens: '2096-11-24T10:00',
          closes: '2096-12-24T19:00',
        },
      ],
      returns: { until: '2096-12-17T00:00', feePercent: 5 },
      reentry: true,
    });
    const wanted = copyOf(door, event, { starts: '2097-06-24T19:00', ends: '2097-06-24T22:00' });
    if (isRejection(wanted)) throw new Error(wanted.message);
    const copy = kept(draft(id(8), door.id, wanted, means()));
    expect(copy).toMatchObject({
      status: 'draft',
      title: event.title,
      tiers: [{ name: 'Early', opens: '2097-05-25T10:00', closes: '2097-06-24T19:00', price: 0 }],
      returns: { local: '2097-06-17T00:00', feePercent: 5 },
      reentry: true,
      internal: { ownerId: door.id, team: [{ userId: door.id, role: 'owner' }], codes: [] },
    });
    expect(copy.tiers[0]).not.toHaveProperty('limit');
    expect(refused(copyOf(stranger, event, later)).code).toBe('forbidden');
    expect(refused(copyOf(stranger, made(), later)).code).toBe('not-found');
  });
});

describe('a link into the team', () => {
  const link = {
    id: id(50),
    hash: 'hash',
    role: 'manager' as const,
    expiresAt: new Date(now.getTime() + 1000),
    uses: 1,
    used: 0,
  };
  const linked = () => {
    const event = staffed(made());
    return after(event, openLink(owner, link, now)(event));
  };

  test("is the owner's to make, and no more than twenty are open", () => {
    const event = staffed(made());
    for (const by of [manager, door]) expect(refused(openLink(by, link, now)(event)).code).toBe('forbidden');
    const full = { ...event, links: Array.from({ length: 20 }, (_, n) => ({ ...link, id: id(n) })) };
    expect(refused(openLink(owner, link, now)(full)).code).toBe('conflict');
    expect(openLink(owner, link, link.expiresAt)(full)).toEqual({ links: [link] });
  });

  test('lets in so many, so long, and makes a manager of who is at the door', () => {
    const event = linked();
    const joined = after(event, join(stranger, 'hash', now)(event));
    expect(joined.internal.team.at(-1)).toEqual({ userId: stranger.id, role: 'manager' });
    expect(refused(join({ id: id(60), roles: [] }, 'hash', now)(joined)).code).toBe('not-found');
    expect(refused(join(stranger, 'hash', link.expiresAt)(event)).code).toBe('not-found');
    expect(refused(join(stranger, 'other', now)(event)).code).toBe('not-found');
    for (const by of [owner, manager]) expect(refused(join(by, 'hash', now)(event)).code).toBe('conflict');
    const raised = after(event, join(door, 'hash', now)(event)).internal.team;
    expect(raised.filter(({ userId }) => userId === door.id)).toEqual([{ userId: door.id, role: 'manager' }]);
  });

  test('a team has an end', () => {
    const event = linked();
    const team = Array.from({ length: 100 }, (_, n) => ({ userId: id(1000 + n), role: 'door' as const }));
    expect(
      refused(join(stranger, 'hash', now)({ ...event, internal: { ...event.internal, team } })).code,
    ).toBe('conflict');
  });

  test('the owner lets others go, and everybody himself; the owner stays', () => {
    const event = staffed(made());
    const without = after(event, leave(owner, manager.id)(event)).internal.team;
    expect(without.map(({ userId }) => userId)).toEqual([owner.id, door.id]);
    expect(after(event, leave(door, door.id)(event)).internal.team).toHaveLength(2);
    expect(refused(leave(manager, door.id)(event)).code).toBe('forbidden');
    expect(refused(leave(owner, owner.id)(event)).code).toBe('conflict');
    expect(refused(leave(owner, stranger.id)(event)).code).toBe('not-found');
  });
});

describe('a code', () => {
  const code = (event: EventRecord, fields: object = {}) => ({
    id: id(70),
    hash: 'h',
    tierIds: [event.tiers[0]!.id],
    percent: 10,
    ...fields,
  });

  test('is there once, for tiers of the event, and kept from losing them', () => {
    const event = staffed(made());
    const coded = after(event, addCode(manager, code(event))(event));
    expect(coded.internal.codes).toEqual([code(event)]);
    expect(fieldsOf(addCode(owner, code(event))(coded))).toEqual(['code']);
    expect(refused(addCode(door, code(event))(event)).code).toBe('forbidden');
    expect(fieldsOf(addCode(owner, code(event, { tierIds: [id(1)] }))(event))).toEqual(['tierIds.0']);
    expect(
      fieldsOf(
        edit(owner, again(coded, { tiers: again(coded).tiers.slice(1) }), now, means(), undefined)(coded),
      ),
    ).toEqual(['tiers']);
    const full = {
      ...event,
      internal: {
        ...event.internal,
        codes: Array.from({ length: 200 }, (_, n) => code(event, { hash: `${n}` })),
      },
    };
    expect(refused(addCode(owner, code(event))(full)).code).toBe('conflict');
  });

  test('takes off any amount, also less than can be charged', () => {
    const event = staffed(made());
    for (const amount of [1, 49, 99_999_999])
      expect(
        after(event, addCode(owner, code(event, { percent: undefined, amount }))(event)).internal.codes,
      ).toHaveLength(1);
    for (const [currency, amount] of [
      ['usd', 0],
      ['usd', 100_000_000],
      ['bhd', 15],
    ] as const)
      expect(
        fieldsOf(addCode(owner, code(event, { percent: undefined, amount }))({ ...event, currency })),
      ).toEqual(['amount']);
  });

  test('shows the hidden tiers that it is for; one for none in particular, those that all may see', () => {
    const tiers = [
      { name: 'Open', pool: 0, price: 2500 },
      { name: 'Hidden', pool: 0, price: 0, hidden: true },
    ];
    const event = open({ tiers });
    const names = (fields: object) => {
      const opened = codeOf({ ...event, internal: { ...event.internal, codes: [code(event, fields)] } }, 'h');
      return isRejection(opened) ? opened.code : opened.tiers.map(({ name }) => name);
    };
    expect(names({ tierIds: [event.tiers[1]!.id] })).toEqual(['Hidden']);
    expect(names({ tierIds: undefined })).toEqual(['Open']);
    expect(names({ hash: 'other' })).toBe('not-found');
  });
});
