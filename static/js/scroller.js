// Rows that scroll sideways begin at what is current and say where more of them lies.
import { onLoad, queryAll } from "./dom.js";

const slack = 4; // pixels that nobody misses

// hiddenSides is "start", "end", "start end" or "": where a row goes on beyond its frame.
export function hiddenSides(scrolled, visible, whole) {
  const before = Math.abs(scrolled); // negative where words run from right to left
  return [before > slack && "start", whole - visible - before > slack && "end"].filter(Boolean).join(" ");
}

function showSides(row) {
  row.dataset.more = hiddenSides(row.scrollLeft, row.clientWidth, row.scrollWidth);
}

export function startScrollers() {
  // Browsers leave what the keyboard comes to half behind a row's edge.
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(":focus-visible")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  const observer = new ResizeObserver((entries) => entries.forEach((entry) => showSides(entry.target)));
  onLoad((part) => {
    for (const row of queryAll("[data-scroller]", part)) {
      row.addEventListener("scroll", () => showSides(row), { passive: true });
      observer.observe(row);
      const current = row.querySelector("[aria-current]");
      if (current) row.scrollLeft = current.offsetLeft - row.clientWidth / 2 + current.offsetWidth / 2;
    }
  });
}
