// What is typed into a long form (data-unsaved) outlives a closed tab: it lies in the browser, sealed with a key that
// only pages of the person who typed it carry, until it was sent, is thrown away or the person signs out.
import { createElement, queryAll } from "./dom.js";

const shelf = "draft:";
const sentKey = "draft-sent";
const pause = 500; // milliseconds between typing and keeping
const longest = 14 * 24 * 60 * 60 * 1000;

const isText = ({ type, name, readOnly }) => name && !readOnly && ["text", "textarea", "tel", "email", "date", "time"].includes(type);

// textsOf are the fields that a draft keeps, those that are the only ones of their name, with what is in them and
// what the page came with.
export function textsOf(fields) {
  const texts = fields.filter(isText);
  const isAlone = ({ name }) => texts.filter((other) => other.name === name).length === 1;
  return texts.filter(isAlone).map((field) => ({ field, name: field.name, value: field.value, first: field.defaultValue }));
}

// draftOf is what is to be kept of a form; null when nothing was typed.
export function draftOf(texts, now) {
  const typed = texts.filter(({ value, first }) => value !== first);
  if (typed.length === 0) return null;
  return { at: now, values: Object.fromEntries(typed.map(({ name, value, first }) => [name, { value, first }])) };
}

// fate says what becomes of a draft when its form is on the page again: it is forgotten when it was sent, and the page
// does not show it as still to be sent; restored when the page came as it did then; else it waits.
export function fate(draft, texts, wasSent) {
  const there = new Map(texts.map((text) => [text.name, text]));
  const kept = Object.entries(draft.values).filter(([name]) => there.has(name));
  if (kept.length > 0 && kept.every(([name, { value }]) => there.get(name).value === value)) return "wait"; // shown by the server
  if (wasSent) return "forget";
  return kept.length > 0 && kept.every(([name, { first }]) => there.get(name).value === first) ? "restore" : "wait";
}

const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

// Seal keeps texts in a store, each under a name that tells nobody whose it is or what of.
export class Seal {
  constructor(secret, store) {
    this.secret = fromBase64(secret);
    this.store = store;
    this.key = crypto.subtle.importKey("raw", this.secret, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  async nameOf(form) {
    const text = new TextEncoder().encode(`${toBase64(this.secret)} ${form}`);
    return shelf + toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", text))).slice(0, 32);
  }

  async keep(form, draft) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.key, new TextEncoder().encode(JSON.stringify(draft)));
    this.store.setItem(await this.nameOf(form), `${draft.at} ${toBase64(iv)} ${toBase64(new Uint8Array(sealed))}`);
  }

  async find(form) {
    const kept = this.store.getItem(await this.nameOf(form));
    if (!kept) return null;
    try {
      const [iv, sealed] = kept.split(" ").slice(1).map(fromBase64);
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await this.key, sealed)));
    } catch {
      return null; // another key
    }
  }

  async forget(form) {
    this.store.removeItem(await this.nameOf(form));
  }
}

const drafts = (store) => Object.keys(store).filter((name) => name.startsWith(shelf));

// forgetAll is for signing out, forgetOld for what nobody came back to.
export const forgetAll = (store) => drafts(store).forEach((name) => store.removeItem(name));
export function forgetOld(store, now) {
  for (const name of drafts(store)) if (!(now - parseInt(store[name], 10) < longest)) store.removeItem(name);
}

// idOf tells one form from another: where it is sent, and in the portal for which customer.
const idOf = (form) => `${new URL(form.getAttribute("action"), location.href).pathname} ${form.querySelector("input[name=contact]")?.value ?? ""}`;

const textsIn = (form) => textsOf([...form.elements]);

function tell(form, draft, discard) {
  const when = new Date(draft.at).toLocaleString(document.documentElement.lang, { weekday: "long", hour: "2-digit", minute: "2-digit", hour12: false });
  const button = createElement("button", { type: "button", className: "button button--quiet button--small", textContent: "Discard" });
  const note = createElement("p", { className: "notice notice--info" }, `Your unsent text of ${when} is back. `, button);
  note.setAttribute("role", "status");
  button.addEventListener("click", () => {
    discard();
    note.remove();
  });
  form.prepend(note);
  return note;
}

let isFilling = false; // by us, not by somebody who types

async function bringBack(seal, form, wasSent) {
  const id = idOf(form);
  const draft = await seal.find(id);
  if (!draft) return;
  const texts = textsIn(form);
  const next = fate(draft, texts, wasSent);
  if (next === "forget") await seal.forget(id);
  if (next !== "restore") return;
  const fill = (pick) => {
    isFilling = true;
    for (const { field, name } of texts) {
      if (!(name in draft.values)) continue;
      field.value = draft.values[name][pick];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    isFilling = false;
  };
  fill("value");
  tell(form, draft, () => {
    fill("first");
    seal.forget(id);
    textsIn(form)[0]?.field.focus();
  });
}

export function startDrafts() {
  document.addEventListener("submit", ({ target }) => {
    if (new URL(target.action, location.href).pathname.endsWith("/logout")) forgetAll(localStorage);
  });
  if (!globalThis.crypto?.subtle) return; // no HTTPS
  const sealOf = () => {
    const secret = document.querySelector("[data-drafts]")?.dataset.drafts;
    return secret ? new Seal(secret, localStorage) : null;
  };
  let seal;
  const timers = new Map();

  const keep = async (form) => {
    timers.delete(form);
    const draft = draftOf(textsIn(form), Date.now());
    if (draft) await seal.keep(idOf(form), draft);
    else await seal.forget(idOf(form));
  };
  document.addEventListener("input", ({ target }) => {
    const { form } = target;
    if (isFilling || !seal || !form?.hasAttribute("data-unsaved")) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(keep, pause, form));
  });
  // Whether a form was taken, the page that follows tells.
  document.addEventListener("submit", ({ target: form, defaultPrevented }) => {
    if (!seal || !form.hasAttribute("data-unsaved") || (defaultPrevented && !form.matches("[hx-boost]"))) return;
    clearTimeout(timers.get(form));
    keep(form);
    sessionStorage.setItem(sentKey, idOf(form));
  });

  const look = async () => {
    forgetOld(localStorage, Date.now());
    seal = sealOf();
    if (!seal) return; // signing in, or something went wrong: it waits
    const sent = sessionStorage.getItem(sentKey);
    sessionStorage.removeItem(sentKey);
    const forms = queryAll("form[data-unsaved]");
    for (const form of forms) await bringBack(seal, form, idOf(form) === sent);
    if (sent && !forms.some((form) => idOf(form) === sent)) await seal.forget(sent);
  };
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target === document.body) look();
  });
  look();
}
