/* The shell works without signal: its own files are kept, data never are (the page keeps what a person needs). */
const VERSION = '__VERSION__';
const FILES = ['__FILES__'];
const CACHE = `shanshui-${VERSION}`;

self.addEventListener('install', (e) => {
  e.waitUntil(caches.open(CACHE).then((c) => c.addAll(FILES.map((f) => new Request(f, { cache: 'reload' })))).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (e) => {
  e.waitUntil(caches.keys().then((all) => Promise.all(all.filter((k) => k.startsWith('shanshui-') && k !== CACHE).map((k) => caches.delete(k)))).then(() => self.clients.claim()));
});
self.addEventListener('fetch', (e) => {
  const u = new URL(e.request.url);
  if (e.request.method !== 'GET' || u.origin !== location.origin || u.pathname.startsWith('/api/') || u.pathname.startsWith('/oidc/') || u.pathname.startsWith('/cas/')) return;
  if (e.request.mode === 'navigate') {
    /* The newest shell where there is a way to it, the kept one where not. */
    e.respondWith(fetch(e.request).catch(() => caches.match('/', { cacheName: CACHE })));
    return;
  }
  e.respondWith(caches.match(e.request, { cacheName: CACHE, ignoreVary: true }).then((kept) => kept || fetch(e.request)));
});
