import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Secrets that `auth` alone has. */
export interface TokenSecrets {
  /** The first one makes, all are known. */
  keys: readonly string[];
  /** The key of before, which other services have too: as long as it makes, and as long as what it made may be good. */
  former: { makes(): KeyObject | undefined; good(): KeyObject | undefined };
}

/** Whose key made a MAC that is good. */
type Whose = 'ours' | 'former';

const macs = ({ keys: [newest = '', ...others], former }: TokenSecrets, purpose: string) => {
  const make = (key: string | KeyObject, text: string) =>
    createHmac('sha256', key).update(`${purpose}:${text}`).digest('base64url');
  const fits = (key: string | KeyObject, text: string, given: string) =>
    timingSafeEqual(Buffer.from(make(key, text)), Buffer.from(given));
  return {
    write: (text: string, key: string | KeyObject = newest): string => make(key, text),
    read(text: string, given: string): Whose | undefined {
      if ([newest, ...others].some((key) => fits(key, text, given))) return 'ours';
      const before = former.good();
      return before && fits(before, text, given) ? 'former' : undefined;
    },
  };
};

/** Names one use of a session: `<session>.<generation>.<mac>`. The MAC makes it unforgeable, so nothing secret is stored. */
export interface RefreshToken {
  sessionId: string;
  generation: number;
}

/** Makes and reads refresh tokens. A used one leads to the same successor, however often it comes. */
export const refreshTokens = (secrets: TokenSecrets) => {
  const mac = macs(secrets, 'refresh');
  return {
    write: ({ sessionId, generation }: RefreshToken): string => {
      const text = `${sessionId}.${generation}`;
      return `${text}.${mac.write(text, secrets.former.makes())}`;
    },
    /** Undefined when it is not ours. */
    read(token: string): (RefreshToken & { former: boolean }) | undefined {
      const [, text = '', sessionId = '', generation = '', given = ''] =
        /^(([0-9a-f]{24})\.(\d{1,9}))\.([\w-]{43})$/.exec(token) ?? [];
      const whose = text === '' ? undefined : mac.read(text, given);
      return whose && { sessionId, generation: Number(generation), former: whose === 'former' };
    },
  };
};

export type RefreshTokens = ReturnType<typeof refreshTokens>;

/** Tells two places apart without keeping where they are: of an address and of what a browser calls itself. */
export const places = (secrets: TokenSecrets) => {
  const mac = macs(secrets, 'place');
  return (address: string, device: string): string => mac.write(`${address} ${device}`).slice(0, 22);
};

export type Places = ReturnType<typeof places>;

/** Says that this device was signed in to an account before: `<account>.<device>.<mac>`. It opens nothing. */
export interface DeviceToken {
  accountId: string;
  deviceId: string;
}

/** So many accounts of a device are remembered, the last ones. */
const ACCOUNTS = 4;

/** Makes and reads what a device's cookie holds: tokens of its last accounts, with `~` between them. */
export const deviceTokens = (secrets: TokenSecrets) => {
  const mac = macs(secrets, 'device');
  const read = (token: string): DeviceToken | undefined => {
    const [, text = '', accountId = '', deviceId = '', given = ''] =
      /^(([0-9a-f]{24})\.([0-9a-f]{24}))\.([\w-]{43})$/.exec(token) ?? [];
    // Not by the key of before, which others may have: each device that they make up would be a budget of tries.
    return text !== '' && mac.read(text, given) === 'ours' ? { accountId, deviceId } : undefined;
  };
  return {
    /** Of all values of the cookie, as a browser may show several. */
    read: (values: readonly string[]): DeviceToken[] =>
      values
        .flatMap((value) => value.split('~').slice(0, ACCOUNTS))
        .map(read)
        .filter((token) => token !== undefined),
    write: (tokens: readonly DeviceToken[]): string =>
      tokens
        .slice(0, ACCOUNTS)
        .map(({ accountId, deviceId }) => `${accountId}.${deviceId}`)
        .map((text) => `${text}.${mac.write(text)}`)
        .join('~'),
  };
};

export type DeviceTokens = ReturnType<typeof deviceTokens>;
