// Passwords: readable on request; the rule is ticked off while typing.
import { listen, onLoad, queryAll } from "./dom.js";

// isLongEnough counts as the server does: characters, not bytes, after
// normalisation, without the blank that comes along when a password is pasted.
export const isLongEnough = (password, shortest) => [...password.normalize("NFC").trimEnd()].length >= shortest;

export function startPasswords() {
  listen("click", "[data-reveal]", (button) => {
    const input = document.getElementById(button.dataset.reveal);
    const reveals = input.type === "password";
    input.type = reveals ? "text" : "password";
    button.setAttribute("aria-pressed", String(reveals));
  });
  document.addEventListener("input", ({ target }) => {
    const rule = target.id && document.querySelector(`[data-rule="${CSS.escape(target.id)}"]`);
    if (rule) rule.toggleAttribute("data-met", isLongEnough(target.value, Number(rule.dataset.ruleLength)));
  });
  onLoad((part) => {
    for (const button of queryAll("[data-reveal]", part)) button.hidden = false;
  });
}
