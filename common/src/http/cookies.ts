/** The cookies of a session: the access token, the refresh token, that they were exchanged just now, and whose device it is. */
export type CookieNames = Record<'session' | 'refresh' | 'exchanged' | 'device', string>;

/**
 * What the cookies are called where the public origin is https, or is not. Nobody else sets one of the same name by
 * accident, and none whose name begins with `__Host-` comes from another host (RFC 6265bis, "Cookie Name Prefixes").
 */
export const cookieNames = (secure: boolean): CookieNames => ({
  session: `${secure ? '__Host-' : ''}ticketing-session`,
  // These two have paths of their own, which `__Host-` forbids.
  refresh: `${secure ? '__Secure-' : ''}ticketing-refresh`,
  device: `${secure ? '__Secure-' : ''}ticketing-device`,
  exchanged: `${secure ? '__Host-' : ''}ticketing-exchanged`,
});

/** What they were called before: read where there is none of ours, so that sessions live on. */
export const FORMER = { session: 'session', refresh: 'refresh' } as const;

export const isSecure = (origin = ''): boolean => !origin.startsWith('http:');

/** More values of one cookie are nobody's doing but an attacker's: each costs a signature to verify. */
const MOST = 4;

/** Every value of a cookie: another path or a parent domain may have one of the same name. */
export const valuesOf = (header: string | undefined, name: string): string[] =>
  (header ?? '')
    .split(/; */)
    .filter((pair) => pair.startsWith(name) && pair[name.length] === '=')
    .slice(0, MOST)
    .map((pair) => pair.slice(name.length + 1));

/** The values under our name, or where there are none, under the one of before. */
export const ownOrFormer = (
  header: string | undefined,
  names: CookieNames,
  which: keyof typeof FORMER,
): string[] => {
  const own = valuesOf(header, names[which]);
  return own.length > 0 ? own : valuesOf(header, FORMER[which]);
};
