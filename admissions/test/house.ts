import { EventPublished, type EventState } from '@ticketing/common/contracts/event';
import { OrderCompleted, type OrderState } from '@ticketing/common/contracts/order';
import { AdmissionChanged, AdmissionIssued } from '@ticketing/common/contracts/admission';
import { systemIds } from '@ticketing/common/runtime';
import { bearer, eventually, movableClock, patiently, tell, testHost } from '@ticketing/common/testing';
import { eventWith, orderOf, type Given } from '@ticketing/common/testing-event';
import { admissions } from '../src/service.ts';

export interface Ticket {
  id: string;
  status: string;
  reason?: string;
  code: string;
  generation: number;
  name?: string;
  offer?: { back: number };
  version: number;
}

export interface Entry {
  verdict: string;
  since?: string;
  door?: string;
  conflict?: boolean;
  status?: string;
}

/** An event whose places are bought, with its doors: on the real service. */
export async function openHouse() {
  const clock = movableClock();
  const host = await testHost([admissions], {
    mongoUrl: process.env['TEST_MONGO_URL'] ?? '',
    clock,
    env: { SWEEP_SECONDS: '1' },
  });
  const told: { type: string; data: Record<string, unknown> }[] = [];
  for (const { subject } of [AdmissionIssued, AdmissionChanged])
    host.bus.subscribe({
      subject,
      group: 'test',
      handle: async (message) => void told.push(JSON.parse(message) as (typeof told)[number]),
    });
  let scans = 0;
  const now = { event: eventWith(), buyer: '' };
  const ownerOf = ({ internal }: EventState) => internal.ownerId;

  /** Another event, and who buys of it. */
  const open = async (given: Given = {}) => {
    now.event = eventWith(given);
    now.buyer = systemIds.next();
    await tell(host.bus, EventPublished(now.event));
  };

  const ask = async <B = Ticket>(method: string, path: string, by: string, body?: object) => {
    const reply = await patiently(() =>
      fetch(`${host.url}/api/admissions${path}`, {
        method,
        headers: { ...bearer({ id: by }), ...(body && { 'Content-Type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      }),
    );
    const text = await reply.text();
    const isJson = reply.headers.get('content-type')?.includes('json') ?? false;
    return { status: reply.status, text, body: (isJson ? JSON.parse(text) : {}) as B };
  };

  const order = (count: number, given: Partial<OrderState> = {}): OrderState =>
    orderOf(now.event, now.buyer, count, { completedAt: clock.now(), ...given });

  const held = async (by = now.buyer) => (await ask<Ticket[]>('GET', '', by)).body;

  const buy = async (count = 1, given: Partial<OrderState> = {}) => {
    const bought = order(count, given);
    await tell(host.bus, OrderCompleted(bought));
    return eventually(async () => {
      const { body } = await ask<Ticket[]>('GET', `?orderId=${bought.id}`, now.buyer);
      return body.length === count && { bought, tickets: body as [Ticket, ...Ticket[]] };
    });
  };

  const scan = (fields: object) => ({
    id: `scan-of-a-device-${scans++}`,
    at: clock.now().toISOString(),
    ...fields,
  });

  const enterAt = async (event: EventState, ...of: object[]) => {
    const body = { door: 'A', scans: of };
    return (await ask<Entry[]>('POST', `/events/${event.id}/entries`, ownerOf(event), body)).body;
  };

  return {
    host,
    clock,
    told,
    open,
    ask,
    order,
    held,
    buy,
    scan,
    enterAt,
    enter: (...of: object[]) => enterAt(now.event, ...of),
    get event() {
      return now.event;
    },
    get buyer() {
      return now.buyer;
    },
    get owner() {
      return ownerOf(now.event);
    },
  };
}
