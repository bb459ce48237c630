import { createHmac, timingSafeEqual } from 'node:crypto';

/** Names one use of a session: `<session>.<generation>.<mac>`. The MAC makes it unforgeable, so nothing secret is stored. */
export interface RefreshToken {
  sessionId: string;
  generation: number;
}

/** Makes and reads refresh tokens. A used one leads to the same successor, however often it comes. */
export const refreshTokens = (key: string) => {
  const mac = (text: string) => createHmac('sha256', key).update(`refresh:${text}`).digest('base64url');
  return {
    write: ({ sessionId, generation }: RefreshToken): string => {
      const text = `${sessionId}.${generation}`;
      return `${text}.${mac(text)}`;
    },
    /** Undefined when it is not ours. */
    read(token: string): RefreshToken | undefined {
      const [, text = '', sessionId = '', generation = '', given = ''] =
        /^(([0-9a-f]{24})\.(\d{1,9}))\.([\w-]{43})$/.exec(token) ?? [];
      if (!text || !timingSafeEqual(Buffer.from(mac(text)), Buffer.from(given))) return undefined;
      return { sessionId, generation: Number(generation) };
    },
  };
};

export type RefreshTokens = ReturnType<typeof refreshTokens>;

/** Says that this device was signed in to an account before: `<account>.<device>.<mac>`. It opens nothing. */
export interface DeviceToken {
  accountId: string;
  deviceId: string;
}

/** So many accounts of a device are remembered, the last ones. */
const ACCOUNTS = 4;

/** Makes and reads what a device's cookie holds: tokens of its last accounts, with `~` between them. */
export const deviceTokens = (key: string) => {
  const mac = (text: string) => createHmac('sha256', key).update(`device:${text}`).digest('base64url');
  const read = (token: string): DeviceToken | undefined => {
    const [, text = '', accountId = '', deviceId = '', given = ''] =
      /^(([0-9a-f]{24})\.([0-9a-f]{24}))\.([\w-]{43})$/.exec(token) ?? [];
    if (!text || !timingSafeEqual(Buffer.from(mac(text)), Buffer.from(given))) return undefined;
    return { accountId, deviceId };
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
        .map((text) => `${text}.${mac(text)}`)
        .join('~'),
  };
};

export type DeviceTokens = ReturnType<typeof deviceTokens>;
