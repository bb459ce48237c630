// Keeps one page, for when there is no connection. Everything else is live, and goes to the server as ever.
const OFFLINE = ['/offline.html', '/offline.css'];
const KEPT = 'offline-1';

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
  const path = new URL(url).pathname;
  if (mode === 'navigate') event.respondWith(fetch(event.request).catch(() => caches.match('/offline.html')));
  else if (OFFLINE.includes(path)) event.respondWith(fetch(event.request).catch(() => caches.match(path)));
});
