// Lets a quiz that was opened once be opened again without a connection. Only pages under /play/ are its business.
const KEPT = "play";
const player = (url) => /^\/play\/[0-9a-f-]{36}$/.test(url.pathname);
const lasting = (url) => url.pathname.startsWith("/static/") || url.pathname.startsWith("/api/v1/quizzes/pictures/");

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim().then(keepOpenPages)));

// The page that brought this worker was loaded before it: it is fetched once more, with what it shows.
async function keepOpenPages() {
  for (const client of await self.clients.matchAll({ type: "window" })) {
    const url = new URL(client.url);
    if (!player(url)) continue;
    const page = await fetch(url.pathname, { credentials: "same-origin" });
    if (!page.ok || page.redirected) continue;
    const words = await page.clone().text();
    await keep(url, page);
    const files = [...words.matchAll(/(?:href|src)="(\/(?:static|api\/v1\/quizzes\/pictures)\/[^"#]+)/g)].map((found) => found[1]);
    await Promise.allSettled([...new Set(files)].map(async (file) => keep(new URL(file, url), await fetch(file))));
  }
}

// A page is kept by its path alone: it holds every question.
async function keep(url, answer) {
  if (answer.ok && !answer.redirected) await (await caches.open(KEPT)).put(url.origin + url.pathname, answer);
}

async function fresh(request, url) {
  try {
    const answer = await fetch(request);
    await keep(url, answer.clone());
    return answer;
  } catch (error) {
    const known = await caches.match(url.origin + url.pathname);
    if (known) return known;
    throw error;
  }
}

async function known(request, url) {
  const found = await caches.match(url.origin + url.pathname);
  if (found) return found;
  const answer = await fetch(request);
  await keep(url, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && player(url)) event.respondWith(fresh(event.request, url));
  else if (lasting(url)) event.respondWith(known(event.request, url));
});
