// Notifications on this device: turned on by a press, which lets the browser ask, and off again.
import { queryAll } from "./dom.js";
import { leave, worker } from "./installed.js";

const field = document.querySelector("[data-push]");
const inApp = navigator.standalone; // Apple's browsers have it; on an iPhone it has to be true

function say(what) {
  for (const words of queryAll("[data-push-when]", field)) words.hidden = words.dataset.pushWhen !== what;
}

function supported() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

function unable() {
  if (!supported()) return inApp === false ? "apple" : "unable";
  return Notification.permission === "denied" ? "denied" : "";
}

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function markOf(subscription) {
  const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
  return text(sum.slice(0, 9));
}

async function send(subscription) {
  const body = new URLSearchParams({
    contact: field.dataset.pushContact,
    endpoint: subscription.endpoint,
    key: text(subscription.getKey("p256dh")),
    secret: text(subscription.getKey("auth")),
  });
  const answer = await fetch(field.dataset.push, { method: "POST", headers: { Accept: "text/plain" }, body });
  if (answer.ok && !answer.redirected) return;
  await subscription.unsubscribe();
  throw new Error(answer.redirected ? "" : await answer.text());
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return unable() || "asked";
  await worker();
  const registration = await navigator.serviceWorker.ready;
  await send(await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(field.dataset.pushKey) }));
  location.reload();
  return "working";
}

function startButton() {
  const button = field.querySelector("[data-push-on]");
  const words = field.querySelector("[data-push-words]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    words.hidden = true;
    try {
      say(await turnOn());
    } catch (error) {
      words.textContent = error.name === "Error" && error.message.length > 1 ? error.message : "That did not work. Reload the page and try again.";
      words.hidden = false;
    }
    button.disabled = false;
  });
}

// forget ends what this browser has and the portal does not know: it was removed elsewhere, or switched off.
async function forget(registration, subscription) {
  await subscription.unsubscribe();
  await leave(registration);
}

function here(item, registration, subscription) {
  item.querySelector("[data-push-here]").hidden = false;
  item.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    await forget(registration, subscription).catch(() => {});
    event.target.submit();
  });
}

async function find() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return false;
  const mark = await markOf(subscription);
  const item = queryAll("[data-push-device]").find((one) => one.dataset.pushDevice === mark);
  if (item) here(item, registration, subscription);
  else await forget(registration, subscription);
  return Boolean(item);
}

async function startPush() {
  const known = supported() && (await find());
  if (!field.dataset.pushKey) return;
  startButton();
  say(known ? "on" : unable() || "off");
}

if (field) startPush().catch(() => say("unable"));
