/**
 * Owns what the pages look like when the box cannot be reached: scripts and styles are kept, and one page that says so. Never keeps a
 * page, an answer or a film of anybody: what it stores is the same for all.
 */

/** Written in when the pages are bundled. */
declare const ASSETS: readonly string[];

// The types know every kind of worker at once, and this is that one.
const worker = self as unknown as ServiceWorkerGlobalScope;

/** One of them changes with everything in it. */
const store = `assets ${ASSETS.join(' ')}`.slice(0, 4000);

worker.addEventListener('install', event => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(store);
      await cache.addAll([...ASSETS]);
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener('activate', event => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== store) await caches.delete(name);
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener('fetch', event => {
  const {request} = event;
  const {origin, pathname} = new URL(request.url);
  if (origin !== location.origin || request.method !== 'GET') return;
  if (ASSETS.includes(pathname)) event.respondWith(kept(request));
  else if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => unreached()));
});

async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(store);
  return (await cache.match(request)) ?? fetch(request);
}

function unreached(): Response {
  const style = ASSETS.find(name => name.endsWith('.css')) ?? '';
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Dubstead</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="${style}">
<body class="bare"><main><h1>The box cannot be reached</h1>
<p>It may be off, or this phone is not in its network.</p><p><a class="button" href="">Try again</a></p></main></body></html>`;
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; style-src 'self'",
  };
  return new Response(html, {status: 503, headers});
}
