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
