'use client';

import { useEffect, useEffectEvent, useState } from 'react';
import { refresh } from '../api/browser.ts';

interface Follower {
  changes(views: readonly unknown[]): void;
  load(): void;
  live(yes: boolean): void;
}

interface Connection {
  followers: Set<Follower>;
  close(): void;
}

const connections = new Map<string, Connection>();

/** How long a hidden page stays connected, in milliseconds: a browser has few connections to share between its tabs. */
const LINGER = 10_000;
const REOPEN = 2000;

/**
 * Follows a stream of the API, one connection for all that follow it. `changes` gets what came since the last frame;
 * `load` is called whenever something may have been missed. Returns whether the connection stands.
 */
export function useStream<T>(
  path: string | undefined,
  on: { changes(views: readonly T[]): void; load(): void },
): boolean {
  const [live, setLive] = useState(true);
  const changes = useEffectEvent((views: readonly unknown[]) => on.changes(views as readonly T[]));
  const load = useEffectEvent(() => on.load());
  useEffect(() => {
    if (path === undefined) return;
    const follower = {
      changes: (views: readonly unknown[]) => changes(views),
      load: () => load(),
      live: setLive,
    };
    const connection = connections.get(path) ?? connect(path);
    connection.followers.add(follower);
    return () => {
      connection.followers.delete(follower);
      if (connection.followers.size === 0) connection.close();
    };
  }, [path]);
  return live;
}

function connect(path: string): Connection {
  const followers = new Set<Follower>();
  let source: EventSource | undefined;
  let named = false;
  let waiting: unknown[] = [];
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = (live: boolean) => {
    for (const follower of followers) follower.live(live);
  };
  const load = () => {
    for (const follower of followers) follower.load();
  };
  const flush = () => {
    frame = 0;
    const views = waiting;
    waiting = [];
    for (const follower of followers) follower.changes(views);
  };
  const open = () => {
    source = new EventSource(path);
    source.addEventListener('change', ({ data, lastEventId }: MessageEvent<string>) => {
      named ||= lastEventId !== '';
      waiting.push(JSON.parse(data));
      frame ||= requestAnimationFrame(flush);
    });
    source.addEventListener('reload', load);
    source.onopen = () => {
      tell(true);
      // A browser that comes back by itself names what it saw last and is told the rest; else all is read again.
      if (!named) load();
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
    shut();
    clearTimeout(timer);
    timer = setTimeout(() => void reopen(), REOPEN * (1 + Math.random())); // not all readers at once
  };
  const reopen = async () => {
    if (path !== '/api/tickets/stream') await refresh().catch(() => false);
    if (connections.get(path) === connection && !document.hidden && !source) open();
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
