// Where typing begins on a page, and in what htmx swaps in; and where reading goes on after a form was sent.
import { onLoad, queryAll } from "./dom.js";

// partOf is the part of a page that an address leads to.
const partOf = (hash) => (hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null);

function stand(element) {
  if (!element) return;
  if (!element.matches("a[href], button, input, select, textarea, [tabindex]")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

export function startFocus() {
  onLoad((part) => {
    part.querySelector("[data-focus]")?.focus();
    // A page of signing in leads on to the part, too, that was asked for.
    if (location.hash) for (const next of queryAll("input[name=next]", part)) if (next.value && !next.value.includes("#")) next.value += location.hash;
  });
  // A browser that loads a page begins to read where the address leads; one whose page htmx has exchanged stands nowhere.
  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    if (target === document.body && detail.target === document.body && document.activeElement === document.body) stand(partOf(location.hash) ?? document.getElementById("main"));
  });
}
