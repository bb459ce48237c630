import { codeHash } from '@ticketing/common/codes';
import type { CodeRule } from '@ticketing/common/contracts/event';
import type { Guesser, Guesses } from '@ticketing/common/guesses';
import { fingerprint, ifSame, KEY_REUSED } from '@ticketing/common/idempotency';
import { linkedId, linkHash, linkToken } from '@ticketing/common/link-token';
import { change, create } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import { cancel, copyOf, draft, edit, postpone, type Postponement, publish, remove } from './domain.ts';
import { pictureCommands, type PicturePorts } from './commands/pictures.ts';
import { addCode, codeOf, NO_CODE, removeCode } from './domain/codes.ts';
import type { Expected, Link, Pictures, Wanted } from './domain/record.ts';
import { type Asker, join, leave, NO_LINK, openLink, unknown, withdrawLink } from './domain/team.ts';
import type { LocalTime } from '@ticketing/common/times';

interface Deps extends Pick<Ports, 'ids' | 'random'>, PicturePorts {
  codeKey: string;
  guesses: Guesses;
  /** Of an event whose organizer names none. */
  currency: string;
  freeLimit: number;
  draftsLimit: number;
}

const HOUR = 3600_000;

export type Commands = ReturnType<typeof commands>;

/** Every way in which an event can change. */
export const commands = (deps: Deps) => {
  const { Events, clock, ids, random, codeKey, guesses, currency, freeLimit, draftsLimit } = deps;
  const { keepShown, ...pictures } = pictureCommands(deps);
  /** Its digits of time tell no age, but make it rare that two events have the same. */
  const newPoolId = () =>
    [clock.now().getTime() / 1000, random() * 2 ** 32].map((part) => hex(Math.floor(part))).join('');
  const means = { newId: () => ids.next(), newPoolId, currency, freeLimit };

  /** One draft more; who has too many takes it back, as counting first would let a crowd through. */
  const keep = async (
    user: Asker,
    wanted: Wanted,
    request: object,
    idempotencyKey?: string,
    shown: Pictures = {},
  ) => {
    const drafted = draft(ids.next(), user.id, wanted, means);
    if (isRejection(drafted)) return drafted;
    const made = { ...drafted, ...shown };
    const requestHash = fingerprint(request);
    const kept = await create(
      Events,
      idempotencyKey === undefined ? made : { ...made, idempotencyKey, requestHash },
      KEY_REUSED,
    );
    if (kept === KEY_REUSED) {
      const earlier = await Events.findOne({ 'internal.ownerId': user.id, idempotencyKey });
      return earlier ? ifSame(earlier, requestHash) : KEY_REUSED;
    }
    const drafts = await Events.count({ 'internal.ownerId': user.id, status: 'draft' }, draftsLimit + 1);
    if (isRejection(kept) || drafts <= draftsLimit) return kept;
    await Events.deleteMany({ _id: kept._id, version: 0, status: 'draft' });
    return reject('conflict', `You have ${draftsLimit} drafts already: publish or delete one`);
  };

  return {
    ...pictures,

    draft: (user: Asker, wanted: Wanted, idempotencyKey?: string) =>
      keep(user, wanted, wanted, idempotencyKey),

    async copy(user: Asker, id: string, times: Copied, idempotencyKey?: string) {
      const event = await Events.findOne({ _id: id });
      const wanted = event ? copyOf(user, event, times) : unknown(id);
      if (!event || isRejection(wanted)) return wanted as Rejection;
      const shown = await keepShown(event);
      return keep(user, wanted, { copyOf: id, ...times }, idempotencyKey, shown);
    },

    edit: (user: Asker, id: string, wanted: Wanted, expected: Expected) =>
      change(Events, id, edit(user, wanted, clock.now(), means, expected)),

    publish: (user: Asker, id: string, expected: Expected) =>
      change(Events, id, publish(user, clock.now(), expected)),

    cancel: (user: Asker, id: string, expected: Expected) =>
      change(Events, id, cancel(user, clock.now(), expected)),

    postpone: (user: Asker, id: string, wanted: Postponement, expected: Expected) =>
      change(Events, id, postpone(user, wanted, clock.now(), expected)),

    /** Nobody was told of a draft, so nobody is told that it is gone. */
    async remove(user: Asker, id: string, expected: Expected): Promise<Rejection | undefined> {
      for (;;) {
        const event = await Events.findOne({ _id: id });
        const refused = event ? remove(user, event, expected) : unknown(id);
        if (refused || !event) return refused;
        const gone = await Events.deleteMany({ _id: id, version: event.version, status: 'draft' });
        if (gone > 0) return undefined;
      }
    },

    /** Resolves with the link's secret, which is told once and kept by its hash. */
    async openLink(user: Asker, id: string, { role, hours, uses }: WantedLink) {
      const token = linkToken(id);
      const now = clock.now();
      const expiresAt = new Date(now.getTime() + hours * HOUR);
      const link: Link = { id: ids.next(), hash: linkHash(token), role, expiresAt, uses, used: 0 };
      const event = await change(Events, id, openLink(user, link, now));
      return isRejection(event) ? event : { ...link, token };
    },

    withdrawLink: (user: Asker, id: string, linkId: string) => change(Events, id, withdrawLink(user, linkId)),

    async join(user: Asker, token: string) {
      const joined = await change(Events, linkedId(token), join(user, linkHash(token), clock.now()));
      return isRejection(joined) && joined.code === 'not-found' ? NO_LINK : joined;
    },

    leave: (user: Asker, id: string, userId: string) => change(Events, id, leave(user, userId)),

    async addCode(user: Asker, id: string, { code, ...rule }: WantedCode): Promise<CodeRule | Rejection> {
      const made: CodeRule = { id: ids.next(), hash: codeHash(codeKey, id, code), ...rule };
      const event = await change(Events, id, addCode(user, made));
      return isRejection(event) ? event : made;
    },

    removeCode: (user: Asker, id: string, codeId: string) => change(Events, id, removeCode(user, codeId)),

    /** What a code opens; changes nothing, but knows the key. */
    async tryCode(guesser: Guesser, id: string, code: string) {
      const event = await Events.findOne({ _id: id }, { projection: { internal: 1, tiers: 1, status: 1 } });
      const opened = event ? codeOf(event, codeHash(codeKey, id, code)) : NO_CODE;
      return (await guesses.judge(guesser, !isRejection(opened))) ?? opened;
    },
  };
};

interface Copied {
  starts: LocalTime;
  ends: LocalTime;
  title?: string | undefined;
}
interface WantedLink {
  role: Link['role'];
  hours: number;
  uses: number;
}
type WantedCode = Omit<CodeRule, 'id' | 'hash'> & { code: string };

const hex = (number: number) => number.toString(16).padStart(8, '0').slice(-8);
