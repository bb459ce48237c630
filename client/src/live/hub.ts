/** What a page says to its hub: it is here, it has left, or the network has changed. */
export type Word = 'here' | 'gone' | 'anew';

/** What a hub says to its pages. `missed`: something may have changed unheard. `refused`: perhaps for want of a fresh token. */
export type News = { live: boolean; missed: boolean } | { change: unknown } | 'refused';

/** So much of the time between two beats may pass in silence: whoever waits is told before a second one is missing. */
const BEATS = 1.5;
/** Who opens a connection that says nothing is told after so long; later it is given up for another. In milliseconds. */
const PATIENCE = 5000;
const LAST_PATIENCE = 20_000;
/** Between two tries, and two times that pages without a stream read anew, in milliseconds; not all of them at once. */
const pause = () => 2000 * (1 + Math.random());
/** How often all that is looked at; and a page that said nothing for so long is gone. In milliseconds. */
const LOOK = 1000;
const GONE = 20_000;

/**
 * One connection to a stream for all pages that follow it: in a worker that they share, or in a page for itself. `user` is
 * whose stream it is. It stays for `linger` milliseconds after the last page has left. Gives what connects a page's port.
 */
export function openHub(path: string, user: string | undefined, linger: number): (port: MessagePort) => void {
  /** When each was heard, the last one last. */
  const pages = new Map<MessagePort, number>();
  let source: EventSource | undefined;
  /** Undefined until the first connection has said something, or nothing for too long. */
  let live: boolean | undefined;
  /** A browser that comes back by itself names what it saw last, and is told the rest. */
  let named = false;
  let silence = LAST_PATIENCE;
  /** By the clock: when something was heard, the next try and the next reading are due, and somebody was here. */
  let [heard, next, reading, present] = [0, 0, 0, 0];
  let timer: ReturnType<typeof setInterval> | undefined;

  const tell = (news: News) => {
    for (const port of pages.keys()) port.postMessage(news);
  };
  const lose = () => {
    if (live === false) return;
    live = false;
    reading = Date.now() + pause();
    tell({ live, missed: false });
  };
  const hear = ({ lastEventId }: MessageEvent<string>) => {
    heard = Date.now();
    if (!live) tell({ live: (live = true), missed: !named });
    named ||= lastEventId !== '';
  };
  const shut = () => {
    source?.close();
    source = undefined;
    named = false;
  };
  const open = () => {
    shut();
    const own = (source = new EventSource(path));
    heard = Date.now();
    silence = LAST_PATIENCE;
    own.addEventListener('beat', (event: MessageEvent<string>) => {
      silence = (JSON.parse(event.data) as { seconds: number }).seconds * 1000 * BEATS;
      hear(event);
    });
    own.addEventListener('change', (event: MessageEvent<string>) => {
      hear(event);
      const change = JSON.parse(event.data) as { userId?: string };
      // The browser may have come back with the cookie of somebody else.
      if (user === undefined || change.userId === user) tell({ change });
    });
    own.addEventListener('reload', (event: MessageEvent<string>) => {
      hear(event);
      tell({ live: true, missed: true });
    });
    own.onerror = () => {
      lose();
      heard = Date.now();
      silence = LAST_PATIENCE;
      if (own.readyState !== EventSource.CLOSED) return;
      shut();
      next = heard + pause();
      // A stream for all asks for no token.
      if (user !== undefined) [...pages.keys()].at(-1)?.postMessage('refused' satisfies News);
    };
  };
  const rest = () => {
    clearInterval(timer);
    timer = undefined;
    live = undefined;
    shut();
  };

  const look = () => {
    const now = Date.now();
    for (const [port, last] of pages) if (now - last > GONE) pages.delete(port);
    if (pages.size > 0) present = now;
    else if (now - present >= linger) return rest();
    // A clock that was set back says nothing of a silence.
    heard = Math.min(heard, now);
    if (!source) {
      if (now >= next) open();
    } else if (now - heard > silence) {
      lose();
      open();
    } else if (!live && now - heard > PATIENCE) lose();
    if (live !== false || now < reading) return;
    reading = now + pause();
    tell({ live, missed: true });
  };
  const take = (port: MessagePort, word: Word) => {
    const isNew = !pages.delete(port);
    const now = Date.now();
    if (word !== 'gone') pages.set(port, (present = now));
    // What has just been heard of is there; and every page of a browser says so.
    if (word === 'anew' && source && now - heard > LOOK) {
      lose();
      open();
    }
    look();
    if (pages.size > 0) timer ??= setInterval(look, LOOK);
    // Also tells the page that its hub is alive.
    if (word !== 'gone')
      port.postMessage({ live: live !== false, missed: isNew && live !== undefined } satisfies News);
  };
  return (port) => {
    port.onmessage = ({ data }: MessageEvent<Word>) => take(port, data);
  };
}
