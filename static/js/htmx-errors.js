// What htmx cannot show in place: a session that has ended, and errors.
import { createElement } from "./dom.js";

// signInPath is where the side of a page signs in, and comes back to the page.
export const signInPath = (path, query = "") =>
  `${path === "/office" || path.startsWith("/office/") ? "/office" : ""}/login?next=${encodeURIComponent(path + query)}`;

// failed is what the request was for that came to nothing last, while the page says so.
// One at a time is asked for again: whoever presses means the one that they see.
let failed;

// say tells, in the place of what was said before, of a request that came to nothing:
// in the dialog that waits for it, or above the page, where it stays in sight.
function say(target, ...children) {
  const dialog = target.closest("dialog[open]");
  const at = dialog?.querySelector(".dialog__body") ?? document.getElementById("flashes");
  const held = unsay();
  const box = createElement("div", { className: "flash flash--warning" }, ...children);
  box.dataset.failed = "";
  if (dialog) box.role = "alert"; // what is above the page is announced there
  at?.prepend(box);
  if (held || (dialog && at.children.length === 1)) box.querySelector("button, a").focus();
}

// unsay takes it away, and reports whether it had the focus.
function unsay() {
  const box = document.querySelector("[data-failed]");
  const held = box?.matches(":focus-within");
  box?.remove();
  failed = null;
  return held;
}

// saySignedOut leaves the page as it is: what was typed is still there when they come back.
const saySignedOut = (target) => say(target, createElement("p", { textContent: "You have been signed out. What you typed is still here. " },
  createElement("a", { className: "link", href: signInPath(location.pathname, location.search), target: "_blank", textContent: "Log in again in a new tab" }), ", then go on here."));

function sayFailed(words, { elt, target, requestConfig: { verb, path } }) {
  const button = createElement("button", { type: "button", className: "button button--secondary button--small", textContent: "Try again" });
  button.addEventListener("click", () => {
    button.textContent = "Trying…";
    window.htmx.ajax(verb, path, { source: elt, target }).catch(() => {}); // that is said by the events
  }, { once: true });
  say(target, createElement("p", { textContent: words + (elt.form || verb !== "get" ? " What you typed is still here." : "") }), button);
  failed = target;
}

export function startHtmx() {
  document.addEventListener("htmx:afterRequest", ({ detail: { successful, elt, target } }) => {
    if (successful && (!failed || failed === target) && unsay()) elt.focus();
  });
  for (const type of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(type, ({ detail }) => sayFailed("No answer came. Check your connection.", detail));
  }
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.xhr.status === 401) saySignedOut(detail.target);
    else if (detail.xhr.status === 404) location.reload();
    else sayFailed("That did not work.", detail);
  });
}
