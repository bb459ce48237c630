// Keeps one page, for when there is no connection. Everything else is live, and goes to the server as ever. That page itself
// finds the tickets that the browser kept: nothing of anybody is kept here.
const OFFLINE = ['/offline.html', '/offline.css', '/offline.js'];
const KEPT = 'offline-2';

/** Somebody stands at a door: a network that says nothing for so long, in milliseconds, or a server that fails, is none. */
const TICKETS = /^\/my-tickets(?:\/[0-9a-f]{24})?$/;
const PATIENCE = 4000;
/** Who was shown what was kept and asks for more has the time. */
const WAITS = '?wait';

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(OFFLINE)));
  self.skipWaiting();
});
self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))),
  );
});
self.addEventListener('fetch', (event) => {
  const { mode, url } = event.request;
  const { pathname: path, search } = new URL(url);
  const answer = () => (TICKETS.test(path) && search !== WAITS ? soon(event.request) : fetch(event.request));
  if (mode === 'navigate') event.respondWith(answer().catch(() => caches.match('/offline.html')));
  else if (OFFLINE.includes(path)) event.respondWith(fetch(event.request).catch(() => caches.match(path)));
});

async function soon(request) {
  const response = await Promise.race([
    fetch(request),
    new Promise((_, reject) => setTimeout(() => reject(new Error('Nothing was answered')), PATIENCE)),
  ]);
  if (response.status >= 500) throw new Error(`It answered ${response.status}`);
  return response;
}
