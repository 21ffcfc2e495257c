// Dialogs. A link with data-dialog leads to a page of its own when there is no script.
import { listen } from "./dom.js";

// isInside says whether a point is in a box.
export const isInside = (box, x, y) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;

// begin puts the cursor where a dialog begins.
const begin = (dialog) => dialog.querySelector("[autofocus], .dialog__body :is(input:not([type=hidden]), textarea, select, button)")?.focus();

export function startDialogs() {
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    if (target.matches("dialog[open] > .dialog__body")) begin(target.closest("dialog"));
  });
  listen("click", "[data-dialog]", (opener, event) => {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog) return;
    event.preventDefault();
    opener.closest("details[data-menu]")?.removeAttribute("open");
    if (opener.hasAttribute("hx-get")) dialog.querySelector(".dialog__body").replaceChildren(); // of another row, until this one's comes
    dialog.showModal();
    begin(dialog);
  });
  listen("click", "[data-dialog-close]", (button) => button.closest("dialog").close());
  listen("click", "dialog.dialog", (dialog, event) => {
    // A press on the backdrop is one on the dialog itself; Enter in a field comes as a press without a place.
    if (event.target !== dialog || event.detail === 0) return;
    if (!isInside(dialog.getBoundingClientRect(), event.clientX, event.clientY)) dialog.close();
  });
}
