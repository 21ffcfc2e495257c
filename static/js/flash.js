// Messages at the top of a page can be closed.
import { listen, onLoad, queryAll } from "./dom.js";

export function startFlashes() {
  listen("click", "[data-flash-close]", (button) => button.closest("[data-flash]").remove());
  onLoad((part) => {
    for (const button of queryAll("[data-flash-close]", part)) button.hidden = false;
  });
}
