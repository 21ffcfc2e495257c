// The office's search: "/" leads there from anywhere, arrows walk through the results, Escape closes them.
import { queryAll } from "./dom.js";

// nextIndex goes on by a step and begins anew at either end.
export const nextIndex = (index, step, length) => (index + step + length) % length;

export function startGlobalSearch() {
  document.addEventListener("keydown", (event) => {
    const field = document.getElementById("find");
    if (!field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !event.target.closest("input, textarea, select, dialog")) {
      event.preventDefault();
      if (!field.offsetParent) {
        location.href = field.form.action;
        return;
      }
      field.focus();
      field.select();
    }
    const search = event.target.closest("[data-finder]");
    if (!search) return;
    const stops = [field, ...queryAll("#finder a", search)];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && stops.length > 1) {
      event.preventDefault();
      stops[nextIndex(stops.indexOf(document.activeElement), step, stops.length)].focus();
    }
    if (event.key === "Escape") {
      search.querySelector("#finder").replaceChildren();
      field.focus();
    }
  });
}
