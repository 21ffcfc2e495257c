// The portal's service worker: it shows notifications, opens what they are about, and says when there is no network.
// It keeps nothing: what somebody sees ends with their rights, so no page of theirs lies in the browser.

const look =
  "body{display:grid;place-content:center;justify-items:start;min-height:90vh;max-width:28rem;margin:auto;padding:1.5rem;font:1.0625rem/1.5 system-ui,sans-serif}h1{margin:0;font-size:1.5rem}a{color:inherit;font-weight:600}";
const offline = [
  '<!doctype html><html lang="en-AU"><head><meta charset="utf-8"><title>You are offline</title>',
  '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">',
  `<style>${look}</style></head><body><main><h1>You are offline</h1>`,
  '<p>This page needs the internet. Check your connection, then try again.</p><p><a href="">Try again</a></p></main></body></html>',
].join("");

// What it is answered with may style itself, and do nothing else.
const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode !== "navigate" || request.method !== "GET") return;
  event.respondWith(fetch(request).catch(() => new Response(offline, { status: 503, headers })));
});

function said(event) {
  try {
    return event.data.json();
  } catch {
    return {}; // browsers want something to be shown all the same
  }
}

async function mark(waiting) {
  if (!("setAppBadge" in navigator)) return;
  await (waiting > 0 ? navigator.setAppBadge(waiting) : navigator.clearAppBadge());
}

async function show({ title = "Customer portal", body = "There is news for you", path = "/", topic = "", icon, waiting }) {
  await self.registration.showNotification(title, { body, icon, tag: topic, renotify: topic !== "", data: { path } });
  if (typeof waiting === "number") await mark(waiting).catch(() => {});
}

self.addEventListener("push", (event) => event.waitUntil(show(said(event))));

// A page that is open may hold what somebody has typed: only one that shows this already is taken.
async function open(path) {
  const there = new URL(path, self.location.origin);
  if (there.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = pages.find((page) => page.url === there.href);
  await (shown ? shown.focus() : self.clients.openWindow(there.href));
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path ?? "/"));
});
