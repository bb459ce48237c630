const CHANNEL = 'orders';

/** Tells the pages of this browser, this one too, that one's own orders have changed. */
export function tellOrders(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage('changed');
  channel.close();
}

/** Calls back when they have, or may have while the page was not looked at. Returns how to stop that. */
export function onOrders(heard: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = heard;
  const look = () => document.hidden || heard();
  addEventListener('visibilitychange', look);
  return () => {
    channel.close();
    removeEventListener('visibilitychange', look);
  };
}
