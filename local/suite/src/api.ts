/** What the API answered; `body` is undefined when there is none. */
export interface Answer<T = unknown> {
  status: number;
  body: T;
  headers: Headers;
}

type Ask = <T = any>(path: string, options?: Options) => Promise<Answer<T>>; // eslint-disable-line @typescript-eslint/no-explicit-any -- a test looks into bodies as it pleases
type Send = <T = any>(path: string, body?: unknown, options?: Options) => Promise<Answer<T>>; // eslint-disable-line @typescript-eslint/no-explicit-any -- as above

interface Options {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Where a reader of a stream is, as a browser remembers it. */
export interface Place {
  id?: string | undefined;
}

/** Somebody with a browser: keeps cookies, and gets a new access token once when the old one is over. */
export interface Visitor {
  get: Ask;
  post: Send;
  put: Send;
  patch: Send;
  delete: Ask;
  /** The server-sent events of a stream but its beats, as they come, until `signal` aborts; goes on after `place`, and keeps it. */
  events(
    path: string,
    options?: Options & { place?: Place },
  ): AsyncGenerator<{ event: string; data: unknown }>;
  /** What the browser would keep, by name. */
  cookies: Map<string, Cookie>;
}

/** An order of tickets that the buyer saw as they were first offered, or at this price. */
export const orderFor = (ticketIds: readonly string[], price?: number) => ({
  ticketIds,
  seen: ticketIds.map((ticketId) => ({ ticketId, ...(price === undefined ? { version: 0 } : { price }) })),
});

interface Cookie {
  value: string;
  path: string;
}

/** A visitor of the suite at `origin`, signed out. Rejects only when nothing answers; a refusal is an answer. */
export function visitor(origin: string): Visitor {
  const jar = new Map<string, Cookie>();
  let refreshing: Promise<boolean> | undefined;

  const request = async (method: string, path: string, body: unknown, { headers, signal }: Options = {}) => {
    const response = await fetch(new URL(path, origin), {
      method,
      headers: {
        ...(body !== undefined && !isFile(body) && { 'content-type': 'application/json' }),
        cookie: cookiesFor(jar, path),
        ...headers,
      },
      ...(body !== undefined && { body: isFile(body) ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    for (const line of response.headers.getSetCookie()) keep(jar, line);
    return response;
  };

  const refresh = () =>
    (refreshing ??= request('POST', '/api/users/refresh', undefined)
      .then(async (response) => {
        await response.body?.cancel();
        return response.ok;
      })
      .finally(() => {
        refreshing = undefined;
      }));

  const ask = async (method: string, path: string, body: unknown, options?: Options) => {
    const response = await request(method, path, body, options);
    const held = [...jar.keys()].some((name) => name.endsWith('ticketing-refresh'));
    const again = response.status === 401 && held && !path.startsWith('/api/users/sign');
    if (!again || !(await refresh())) return response;
    await response.body?.cancel();
    return request(method, path, body, options);
  };

  const answer = async (method: string, path: string, body: unknown, options?: Options) => {
    const response = await ask(method, path, body, options);
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : text || undefined) as never,
      headers: response.headers,
    };
  };

  return {
    cookies: jar,
    get: (path, options) => answer('GET', path, undefined, options),
    post: (path, body, options) => answer('POST', path, body, options),
    put: (path, body, options) => answer('PUT', path, body, options),
    patch: (path, body, options) => answer('PATCH', path, body, options),
    delete: (path, options) => answer('DELETE', path, undefined, options),
    async *events(path, { place = {}, ...options } = {}) {
      const response = await ask('GET', path, undefined, {
        ...options,
        headers: { ...options.headers, ...(place.id !== undefined && { 'last-event-id': place.id }) },
      });
      if (!response.ok || !response.body) throw new Error(`GET ${path} answered ${response.status}`);
      let rest = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
          const event = field('event');
          place.id = field('id') ?? place.id;
          if (event !== undefined && event !== 'beat')
            yield { event, data: JSON.parse(field('data') ?? '{}') as unknown };
        }
      }
    },
  };
}

/** It is sent as it is, and who sends it says what it is; anything else is JSON. */
const isFile = (body: unknown): body is Buffer<ArrayBuffer> => Buffer.isBuffer(body);

const cookiesFor = (jar: ReadonlyMap<string, Cookie>, path: string) =>
  [...jar]
    .filter(([, cookie]) => path.startsWith(cookie.path))
    .map(([name, { value }]) => `${name}=${value}`)
    .join('; ');

function keep(jar: Map<string, Cookie>, line: string) {
  const [pair = '', ...attributes] = line.split(/; */);
  const split = pair.indexOf('=');
  const of = (wanted: string) =>
    attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
  const over = new Date(of('expires') ?? '9999-01-01') <= new Date() || of('max-age') === '0';
  if (over) jar.delete(pair.slice(0, split));
  else jar.set(pair.slice(0, split), { value: pair.slice(split + 1), path: of('path') ?? '/' });
}

/** Why something did not come out, as it was answered. */
export const refusal = (what: string, { status, body }: Answer): Error =>
  new Error(
    `${what} was answered with ${status}: ${(body as { detail?: string } | undefined)?.detail ?? 'no reason given'}`,
  );
