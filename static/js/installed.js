// The portal as an app: the number on its icon, and the service worker, which says when there is no network. Elsewhere
// neither is there, unless notifications were turned on in this browser.

const standalone = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone;

export async function worker() {
  return navigator.serviceWorker.register("/worker.js", { scope: "/", updateViaCache: "none" });
}

// leave takes the service worker away where nothing needs it any more.
export async function leave(registration) {
  if (!standalone()) await registration.unregister();
}

async function count(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const { waiting } = await answer.json();
  await (waiting > 0 ? navigator.setAppBadge(waiting) : navigator.clearAppBadge());
}

async function settle() {
  const portal = document.querySelector("[data-waiting]");
  if (!portal || !("serviceWorker" in navigator)) return;
  const there = standalone() ? await worker() : await navigator.serviceWorker.getRegistration("/");
  if (there && "setAppBadge" in navigator) await count(portal.dataset.waiting);
}

// Without any of it everything works.
export const startInstalled = () => settle().catch(() => {});
