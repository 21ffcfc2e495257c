// Copies a text, and says so where the press was.
import { listen, onLoad, queryAll } from "./dom.js";

export function startCopying() {
  listen("click", "[data-copy]", async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.querySelector("[data-copy-label]") ?? button;
    label.dataset.was ??= label.textContent;
    label.textContent = "Copied";
    setTimeout(() => {
      label.textContent = label.dataset.was;
    }, 2000);
  });
  onLoad((part) => {
    for (const button of queryAll("[data-copy]", part)) button.hidden = false;
  });
}
