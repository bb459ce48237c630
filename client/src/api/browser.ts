import { setClock } from './clock.ts';
import { type Answer, isDecided, read, refusesNewTokens, unreachable } from './answer.ts';

/** How long is waited in milliseconds, as a connection may have died silently: for an answer to begin, and for all of it. */
const PATIENCE = 8000;
const LONGEST_ANSWER = 60_000;
const REFRESH = '/api/users/refresh';

/** What can be asked for again is, soon, by another connection; what is to be done may take its time. */
async function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  if (method !== 'GET' && path !== REFRESH) return fetch(path, { ...init, method });
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  AbortSignal.timeout(LONGEST_ANSWER).onabort = () => stop.abort();
  return fetch(path, { ...init, method, signal: stop.signal }).finally(() => clearTimeout(timer));
}

interface Options {
  body?: object;
  headers?: Record<string, string>;
}

/** Asks the API from a page. An expired access token is exchanged once, and the request sent again. */
export async function api<T>(
  method: string,
  path: string,
  { body, headers }: Options = {},
): Promise<Answer<T>> {
  const ask = () =>
    send(method, path, {
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  try {
    let response = await ask();
    if (response.status === 401 && !path.startsWith('/api/users/sign') && (await refresh())) {
      response = await ask();
      if (response.status === 401) return refusesNewTokens;
    }
    setClock(response.headers.get('date'));
    return await read<T>(response);
  } catch {
    return unreachable;
  }
}

const ATTEMPTS = 3;
/** The longest that somebody is kept waiting between two attempts, in seconds. */
const LONGEST = 3;
const keys = new Map<string, string>();

/** Posts one attempt under one idempotency key, however often it is sent, until the server has decided it. */
export async function once<T>(path: string, body: object): Promise<Answer<T>> {
  const attempt = path + JSON.stringify(body);
  const key = keys.get(attempt) ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
  keys.set(attempt, key);
  let answer: Answer<T>;
  for (let attempt = 1; ; attempt++) {
    answer = await api<T>('POST', path, { body, headers: { 'idempotency-key': key } });
    // The service may not have heard yet of what another has just acknowledged, or has too much to do.
    if (answer.ok || ![429, 503].includes(answer.status) || attempt === ATTEMPTS) break;
    const { retryAfter = 1 } = answer;
    if (retryAfter > LONGEST) break;
    // Not all at the same moment, who were refused at the same moment.
    await new Promise((resolve) => setTimeout(resolve, retryAfter * (1000 + 500 * Math.random())));
  }
  if (isDecided(answer)) keys.delete(attempt);
  return answer;
}

let refreshing: Promise<boolean> | undefined;
let known = false;

/** Whether the page shows somebody: who is signed out has no session that could be over. */
export const setKnown = (yes: boolean): void => {
  known = yes;
};

/** Exchanges the refresh token for new cookies; whoever asks meanwhile shares the exchange. False: there is no session. */
export const refresh = async (): Promise<boolean> =>
  known &&
  (refreshing ??= exchange().finally(() => {
    refreshing = undefined;
  }));

const renew = async () => {
  const { ok, status } = await send('POST', REFRESH);
  if (ok) localStorage.setItem('refreshed', String(Date.now()));
  if (status === 401) tellTabs('over');
  return ok;
};
// One tab at a time: the others then find the exchange done, or get the same successor of the token. There are no locks
// on plain http, where that successor alone must do.
const exchange = () => {
  const asked = Date.now();
  const doneSince = () => Number(localStorage.getItem('refreshed')) >= asked;
  return 'locks' in navigator
    ? navigator.locks.request('refresh', async () => doneSince() || renew())
    : renew();
};

/** What the tabs of a browser tell each other of the session: it began or ended, or the server says that it is over. */
export type SessionNews = 'changed' | 'over';
export const SESSION = 'session';

/** Tells every tab, this one too, what became of the session. */
export function tellTabs(news: SessionNews): void {
  const channel = new BroadcastChannel(SESSION);
  channel.postMessage(news);
  channel.close();
}
