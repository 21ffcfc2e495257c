// Passkeys: the browser is asked what the program asks, and its answer goes with the form. What needs it stays hidden
// where the browser knows none.
import { queryAll } from "./dom.js";
import { answerOf, optionsOf } from "./passkey-data.js";

// renewed is how often a challenge that waits for a press is asked for anew: sooner than it ends.
const renewed = 4 * 60 * 1000;

// waiting is what the browser offers in the field of the address, until something else is asked of it.
let waiting;

async function ask(field, more) {
  waiting?.abort();
  const contact = field.closest("form").elements.contact?.value ?? "";
  const body = new URLSearchParams({ contact });
  const answer = await fetch(field.dataset.passkeyChallenge, { method: "POST", headers: { Accept: "application/json" }, body });
  if (!answer.ok || answer.redirected) throw new Error("no challenge");
  const publicKey = optionsOf(await answer.json());
  return navigator.credentials[field.dataset.passkey]({ publicKey, ...more });
}

function send(field, credential) {
  const form = field.closest("form");
  field.querySelector("[data-passkey-answer]").value = answerOf(credential);
  for (const input of queryAll("[data-passkey-copies]", field)) {
    input.value = document.querySelector(`[type=checkbox][name="${input.name}"]`)?.checked ? "yes" : "";
  }
  form.submit(); // what else the form asks for is not needed now
}

const whyNot = {
  InvalidStateError: "This device has a passkey of yours already.",
  NotAllowedError: "Nothing was sent. Press the button to try again.",
  AbortError: "",
};

function startPasskey(field) {
  const button = field.querySelector("[data-passkey-press]");
  const words = field.querySelector("[data-passkey-words]");
  field.hidden = false;
  button.addEventListener("click", async () => {
    words.textContent = "";
    button.disabled = true;
    try {
      send(field, await ask(field));
    } catch (error) {
      words.textContent = whyNot[error.name] ?? "That did not work. Reload the page and try again.";
      button.disabled = false;
      button.focus();
    }
  });
}

// fill lets the browser offer passkeys in the field of the address, from the first sign of somebody who is there.
async function fill(field) {
  if (!(await window.PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const wait = async () => {
    const patience = new AbortController();
    const renewal = setTimeout(wait, renewed);
    try {
      const asked = ask(field, { mediation: "conditional", signal: patience.signal });
      waiting = patience;
      send(field, await asked);
    } catch {
      // Somebody pressed the button, types a password, or has left.
    }
    if (waiting !== patience) clearTimeout(renewal);
  };
  const somebody = ["pointermove", "pointerdown", "keydown", "focusin"];
  const start = () => {
    for (const type of somebody) document.removeEventListener(type, start);
    wait();
  };
  for (const type of somebody) document.addEventListener(type, start);
}

export function startPasskeys() {
  if (!window.PublicKeyCredential) return;
  queryAll("[data-passkey]").forEach(startPasskey);
  queryAll("[data-passkey-fills]").forEach(fill);
  for (const instead of queryAll("[data-passkey-instead]")) instead.hidden = Boolean(document.querySelector("[data-passkey=create]"));
}
