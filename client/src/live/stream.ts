'use client';

import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { refresh } from '../api/browser.ts';

interface Follower {
  changes(views: readonly unknown[]): void;
  load(): Promise<void>;
  live(yes: boolean): void;
}

interface Connection {
  followers: Set<Follower>;
  close(): void;
}

const connections = new Map<string, Connection>();

/** How long a hidden page stays connected, in milliseconds: a browser has few connections to share between its tabs. */
const LINGER = 10_000;
/** The first pause before another try, and so many times it is doubled; not all readers at once. */
const PAUSE = 2000;
const DOUBLINGS = 3;
const pause = (failures = 0) => PAUSE * 2 ** Math.min(failures, DOUBLINGS) * (1 + Math.random());

/**
 * Follows a stream of the API, one connection for all that follow it. `changes` gets what came since the last frame;
 * `load` is called whenever something may have been missed, and again until it says that it was read. Returns whether
 * the page is true: connected, and nothing left to be read; and that `load`, for what the page itself has changed.
 */
export function useStream<T>(
  path: string,
  on: { changes(views: readonly T[]): void; load(): Promise<boolean> },
): { live: boolean; load(): Promise<void> } {
  const [connected, setConnected] = useState(true);
  const [failures, setFailures] = useState(0);
  const latest = useRef(0);
  const load = async () => {
    const turn = (latest.current += 1);
    const read = await on.load();
    // Only the latest has read all that was missed before it.
    if (turn === latest.current) setFailures((before) => (read ? 0 : before + 1));
  };
  const changes = useEffectEvent((views: readonly unknown[]) => on.changes(views as readonly T[]));
  const reload = useEffectEvent(load);
  useEffect(() => {
    if (failures === 0) return;
    const timer = setInterval(
      () => {
        if (document.hidden) return;
        clearInterval(timer);
        void reload();
      },
      pause(failures - 1),
    );
    return () => clearInterval(timer);
  }, [failures]);
  useEffect(() => {
    const follower = {
      changes: (views: readonly unknown[]) => changes(views),
      load: () => reload(),
      live: setConnected,
    };
    const connection = connections.get(path) ?? connect(path);
    connection.followers.add(follower);
    return () => {
      connection.followers.delete(follower);
      if (connection.followers.size === 0) connection.close();
    };
  }, [path]);
  return { live: connected && failures === 0, load };
}

function connect(path: string): Connection {
  const followers = new Set<Follower>();
  let source: EventSource | undefined;
  let named = false;
  let waiting: unknown[] = [];
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** How often in a row the server took no more streams. */
  let refusals = 0;

  const tell = (live: boolean) => {
    for (const follower of followers) follower.live(live);
  };
  const load = () => Promise.all([...followers].map((follower) => follower.load()));
  const flush = () => {
    frame = 0;
    const views = waiting;
    waiting = [];
    for (const follower of followers) follower.changes(views);
  };
  const open = () => {
    const opened = (source = new EventSource(path));
    source.addEventListener('change', ({ data, lastEventId }: MessageEvent<string>) => {
      named ||= lastEventId !== '';
      waiting.push(JSON.parse(data));
      frame ||= requestAnimationFrame(flush);
    });
    source.addEventListener('reload', () => void load());
    source.onopen = async () => {
      refusals = 0;
      // A browser that comes back by itself names what it saw last and is told the rest; else all is read again.
      if (!named) await load();
      if (opened.readyState === EventSource.OPEN) tell(true);
    };
    source.onerror = () => {
      tell(false);
      if (source?.readyState === EventSource.CLOSED) again();
    };
  };
  const shut = () => {
    source?.close();
    source = undefined;
    named = false;
  };
  /** The server refused. One's own stream may want a fresh access token; that of the market is everybody's. */
  const again = () => {
    refusals += 1;
    shut();
    clearTimeout(timer);
    timer = setTimeout(() => void reopen(), pause());
  };
  const reopen = async () => {
    if (path !== '/api/tickets/stream') await refresh().catch(() => false);
    if (connections.get(path) !== connection || document.hidden || source) return;
    // Without a stream the page asks every few seconds.
    if (refusals > 1) void load();
    open();
  };
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(shut, LINGER);
    else if (!source) open();
  };
  const connection = {
    followers,
    close() {
      connections.delete(path);
      removeEventListener('visibilitychange', look, true);
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      shut();
    },
  };
  connections.set(path, connection);
  addEventListener('visibilitychange', look, true);
  if (!document.hidden) open();
  return connection;
}
