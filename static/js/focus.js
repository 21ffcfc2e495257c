// Where typing begins on a page, and in what htmx swaps in.
import { onLoad } from "./dom.js";

export function startFocus() {
  onLoad((part) => part.querySelector("[data-focus]")?.focus());
}
