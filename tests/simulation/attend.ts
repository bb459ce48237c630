import type { Dice } from './random.ts';
import type { Request, Response } from './world.ts';

/** What was acknowledged of admissions. */
export interface Attended {
  /** Which were given back, and by which scan somebody was let in. */
  given: Set<string>;
  welcomed: Map<string, string>;
  /** The newest generation of which its holder was told. */
  generations: Map<string, number>;
  /** What doors without a network told afterwards: by scan, of which ticket. */
  told: Map<string, string>;
  /** Ways that were taken. */
  taken: Set<string>;
}

export const nothingAttended = (): Attended => ({
  given: new Set(),
  welcomed: new Map(),
  generations: new Map(),
  told: new Map(),
  taken: new Set(),
});

interface Held {
  id: string;
  status: string;
  code?: string;
  generation: number;
  event: { id: string };
  offer?: { back: number };
  by?: string;
}

interface Stage {
  attended: Attended;
  /** Ways to take what somebody hands on. */
  links: string[];
  /** Codes that somebody once held, also dead ones. */
  codes: Held[];
  bug(text: string): void;
}

type Ask = (request: Omit<Request, 'user'>) => Promise<Response | undefined>;

/** What somebody does with tickets that they hold, and at the door; `atDoor` asks as the organizer. */
export function attendee(
  name: string,
  ask: Ask,
  atDoor: Ask,
  random: Dice,
  { attended, links, codes, bug }: Stage,
) {
  const note = (held: Held) => {
    attended.generations.set(held.id, Math.max(held.generation, attended.generations.get(held.id) ?? 0));
    if (held.code === undefined) return;
    if (codes.some(({ code, by }) => code === held.code && by !== name))
      bug(`ticket ${held.id} was handed on with the code of before`);
    codes.push({ ...held, by: name });
  };
  const exclusive = (id: string) => {
    if (attended.given.has(id) && attended.welcomed.has(id))
      bug(`ticket ${id} was given back, and let somebody in`);
  };

  const look = async (): Promise<Held | undefined> => {
    const reply = await ask({ method: 'get', path: '/api/admissions' });
    const held = reply?.status === 200 ? (reply.body as Held[]) : [];
    for (const one of held) note(one);
    return random.pick(held.filter(({ status }) => status === 'valid'));
  };

  const giveBack = async ({ id, offer }: Held) => {
    const tickets = [{ id, back: offer?.back ?? 0 }];
    const reply = await ask({ method: 'post', path: '/api/admissions/returns', body: { tickets } });
    const [answer] = reply?.status === 200 ? (reply.body as { ticket?: Held }[]) : [];
    if (answer?.ticket?.status !== 'returned') return;
    attended.given.add(id);
    exclusive(id);
  };

  /** Shows a code at a door, sometimes at two at once, and again where no answer came. */
  const show = async (held: Held | undefined = random.pick(codes)) => {
    if (held?.code === undefined) return;
    const { id, generation, code } = held;
    const known = attended.generations.get(id) ?? 0;
    const scans = Array.from(
      { length: random.chance(0.3) ? 2 : 1 },
      () => `scan-${random.below(1e9)}-00000000`,
    );
    await Promise.all(
      scans.map(async (scan) => {
        const at = new Date(0).toISOString();
        const body = { door: 'A', scans: [{ id: scan, code, at }] };
        const path = `/api/admissions/events/${held.event.id}/entries`;
        const reply =
          (await atDoor({ method: 'post', path, body })) ?? (await atDoor({ method: 'post', path, body }));
        const [answer] = reply?.status === 200 ? (reply.body as { verdict: string }[]) : [];
        if (answer?.verdict !== 'welcome') return;
        if (generation < known) bug(`a dead code of ticket ${id} let somebody in`);
        const before = attended.welcomed.get(id);
        if (before !== undefined && before !== scan) bug(`ticket ${id} let two in`);
        attended.welcomed.set(id, scan);
        exclusive(id);
      }),
    );
  };

  const handOn = async ({ id }: Held) => {
    const reply = await ask({ method: 'post', path: `/api/admissions/${id}/link` });
    if (reply?.status === 201) links.push((reply.body as { token: string }).token);
    if (random.chance(0.2)) await ask({ method: 'delete', path: `/api/admissions/${id}/link` });
  };

  const claim = async () => {
    const token = random.chance(0.7) ? links.at(-1) : random.pick(links);
    if (token === undefined) return;
    const reply = await ask({ method: 'post', path: '/api/admissions/claims', body: { token } });
    if (reply?.status !== 200) return;
    if (attended.taken.has(token)) bug('a way to hand a ticket on was taken twice');
    attended.taken.add(token);
    note(reply.body as Held);
  };

  /** A door without a network let somebody in, whatever is known here, and tells so until it is heard. */
  const tellLater = async (held: Held | undefined = random.pick(codes)) => {
    if (held?.code === undefined) return;
    const scan = `late-${random.below(1e9)}-00000000`;
    const scans = [{ id: scan, code: held.code, at: new Date(0).toISOString(), done: true }];
    const path = `/api/admissions/events/${held.event.id}/entries`;
    const reply = await atDoor({ method: 'post', path, body: { door: 'B', scans } });
    if (reply?.status === 200) attended.told.set(scan, held.id);
  };

  const block = async ({ id }: Held) => {
    const path = `/api/admissions/${id}/block`;
    const note = { note: 'reported as lost' };
    if (random.chance(0.5)) await atDoor({ method: 'put', path, body: note });
    await atDoor({ method: 'delete', path });
  };

  const renew = ({ id }: Held) => ask({ method: 'post', path: `/api/admissions/${id}/code` });

  /** Several things at once with one ticket; resolves with whether there was one. */
  return async (): Promise<boolean> => {
    const held = await look();
    if (!held && links.length === 0) return false;
    const own = held
      ? [
          () => giveBack(held),
          () => handOn(held),
          () => handOn(held),
          () => renew(held),
          () => show(held),
          () => (random.chance(0.3) ? block(held) : show(held)),
          () => (random.chance(0.3) ? tellLater(held) : show(held)),
        ]
      : [];
    const deeds: (() => Promise<unknown>)[] = [
      ...own,
      () => show(),
      ...(links.length > 0 ? [claim, claim] : []),
    ];
    const some = Array.from({ length: random.chance(0.8) ? 2 : 1 }, () => random.pick(deeds) ?? show);
    await Promise.all(some.map((deed) => deed()));
    return true;
  };
}
