// Ticked tables: tick all, a range with Shift, and a bar that says how many.
import { listen, onLoad, queryAll } from "./dom.js";

// itemsBetween are the items from one to another, whichever comes first.
export function itemsBetween(items, one, other) {
  const [from, to] = [items.indexOf(one), items.indexOf(other)].sort((a, b) => a - b);
  return from < 0 ? [] : items.slice(from, to + 1);
}

// tickAllState is how the box that ticks all looks.
export function tickAllState(total, ticked) {
  return { hidden: total === 0, checked: ticked > 0 && ticked === total, indeterminate: ticked > 0 && ticked < total };
}

// tickedText is "3 files ticked"; plural is what many are called.
export const tickedText = (ticked, plural) => `${ticked} ${ticked === 1 ? plural.replace(/s$/, "") : plural} ticked`;

function showTicks(form) {
  const boxes = queryAll("[data-tick]", form);
  const ticked = boxes.filter((box) => box.checked).length;
  const tickAll = form.querySelector("[data-tick-all]");
  if (tickAll) Object.assign(tickAll, tickAllState(boxes.length, ticked));
  const bar = form.querySelector("[data-tick-bar]");
  if (!bar) return;
  bar.toggleAttribute("data-some", ticked > 0);
  for (const button of queryAll("button", bar)) button.disabled = ticked === 0;
  const count = bar.querySelector("[data-tick-count]");
  count.dataset.none ??= count.textContent;
  count.textContent = ticked ? tickedText(ticked, bar.dataset.noun) : count.dataset.none;
}

export function startTicks() {
  let lastTicked = null;
  listen("click", "[data-tick]", (box, event) => {
    const form = box.closest("[data-ticks]");
    if (event.shiftKey && lastTicked) {
      for (const between of itemsBetween(queryAll("[data-tick]", form), lastTicked, box)) between.checked = box.checked;
    }
    lastTicked = box;
    showTicks(form);
  });
  listen("change", "[data-tick-all]", (tickAll) => {
    const form = tickAll.closest("[data-ticks]");
    for (const box of queryAll("[data-tick]", form)) box.checked = tickAll.checked;
    showTicks(form);
  });
  onLoad((part) => queryAll("form[data-ticks]", part).forEach(showTicks));
}
