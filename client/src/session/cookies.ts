/** As `auth` calls them; pages do not see the refresh token. */
const names = (secure: boolean) => {
  const prefix = secure ? '__Host-' : '';
  return { session: `${prefix}ticketing-session`, exchanged: `${prefix}ticketing-exchanged` };
};
/** More values of one cookie are nobody's doing but an attacker's, as for the services. */
const MOST = 4;
/** What the session cookie was called before. */
const FORMER = 'session';

/** What a request shows of a session. */
export interface Shown {
  /** The session cookies as they came, `name=value`: ours, or where there are none, those of before. */
  session: readonly string[];
  /** What came of it when `auth` was just asked to exchange the token: asking again would say no more. */
  exchanged: 'done' | 'none' | undefined;
}

/** Reads a `Cookie` header: another path or a parent domain may have a cookie of the same name. */
export function shown(header: string | null, origin: string): Shown {
  const pairs = (header ?? '').split(/; */);
  const called = (name: string) => pairs.filter((pair) => pair.startsWith(`${name}=`)).slice(0, MOST);
  const { session, exchanged } = names(!origin.startsWith('http:'));
  const own = called(session);
  const [news] = called(exchanged);
  return {
    session: own.length > 0 ? own : called(FORMER),
    exchanged: news === undefined ? undefined : news.endsWith('=done') ? 'done' : 'none',
  };
}
