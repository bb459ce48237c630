import { refresh } from '../api/browser.ts';
import { loaded } from '../ui/loaded.ts';
import type { News, Word } from './hub.ts';

interface Follower {
  changes(views: readonly unknown[]): void;
  load(): Promise<void>;
  live(yes: boolean): void;
}

/** How often a page says that it is here, in milliseconds; after so many times without an answer it helps itself. */
const PING = 4000;
const UNANSWERED = 6;

/** The port of the hub that all pages of this browser share; of none where it is to keep nothing for pages. */
function shared(name: string, onError: () => void): MessagePort | undefined {
  try {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { name });
    worker.onerror = onError;
    return worker.port;
  } catch {
    return undefined;
  }
}

/** That of a hub for this page alone: for browsers that share none, and when theirs does not answer. */
function own(name: string): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const [path = '', user] = name.split(' ');
  void loaded(
    () => import('./hub.ts'),
    () => port2.postMessage({ live: false, missed: false } satisfies News),
  ).then(({ openHub }) => openHub(path, user, 0)(port2));
  return port1;
}

/** Follows a stream, and says how it goes, for as long as the page is seen. `name` is its path, and whose it is. Returns how to end. */
export function follow(name: string, { changes, load, live }: Follower): () => void {
  let waiting: unknown[] = [];
  let frame = 0;
  let connected = true;
  /** What was missed and is still being read. */
  let loading = 0;
  let unanswered = 0;
  let alone = typeof SharedWorker === 'undefined';
  let ended = false;
  let port: MessagePort;

  const flush = () => {
    frame = 0;
    const views = waiting;
    waiting = [];
    changes(views);
  };
  const hear = async ({ data }: MessageEvent<News>) => {
    unanswered = 0;
    if (data === 'refused') return void refresh().catch(() => false);
    if ('change' in data) {
      waiting.push(data.change);
      frame ||= requestAnimationFrame(flush);
      return;
    }
    connected = data.live;
    if (!connected) live(false);
    if (data.missed) {
      loading += 1;
      await load();
      loading -= 1;
    }
    if (connected && loading === 0 && !ended) live(true);
  };
  const say = (word: Word) => port.postMessage(document.hidden ? 'gone' : word);
  const connect = () => {
    port = (alone ? undefined : shared(name, help)) ?? own(name);
    port.onmessage = (event: MessageEvent<News>) => void hear(event);
    say('here');
  };
  const help = () => {
    if (alone || ended) return;
    alone = true;
    port.postMessage('gone' satisfies Word);
    port.close();
    connect();
  };
  const here = () => {
    if (!document.hidden) unanswered += 1;
    if (unanswered > UNANSWERED) help();
    else say('here');
  };
  const anew = () => say('anew');
  const leave = () => port.postMessage('gone' satisfies Word);

  connect();
  const timer = setInterval(here, PING);
  addEventListener('visibilitychange', here, true);
  addEventListener('pageshow', here);
  addEventListener('pagehide', leave);
  addEventListener('online', anew);
  return () => {
    ended = true;
    clearInterval(timer);
    cancelAnimationFrame(frame);
    removeEventListener('visibilitychange', here, true);
    removeEventListener('pageshow', here);
    removeEventListener('pagehide', leave);
    removeEventListener('online', anew);
    leave();
    port.close();
  };
}
