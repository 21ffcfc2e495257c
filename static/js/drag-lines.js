// Lines are dragged by their grip. Where one is dropped, the server puts it, like a press on its arrows.
import { listen, queryAll } from "./dom.js";

// moveCommand is what the server is asked for when the line at one index is dropped before or after another;
// null when it stays where it is.
export function moveCommand(from, onto, side) {
  const to = side === "after" ? onto + 1 : onto;
  if (to === from || to === from + 1) return null;
  return `move-${from}-${to > from ? to - 1 : to}`;
}

function sideOf(row, event) {
  return event.clientY > row.getBoundingClientRect().top + row.offsetHeight / 2 ? "after" : "before";
}

export function startDragging() {
  let dragged = null;
  const isNeighbour = (row) => dragged?.parentElement === row.parentElement;
  listen("pointerdown", "[data-grip]", (grip) => {
    grip.closest("[data-row]").draggable = true;
  });
  document.addEventListener("pointerup", () => {
    for (const row of queryAll("[data-row][draggable]")) row.removeAttribute("draggable");
  });
  listen("dragstart", "[data-row]", (row, event) => {
    dragged = row;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  listen("dragover", "[data-row]", (row, event) => {
    if (!isNeighbour(row)) return;
    event.preventDefault();
    for (const other of queryAll("[data-at]", row.parentElement)) other.removeAttribute("data-at");
    if (row !== dragged) row.dataset.at = sideOf(row, event);
  });
  listen("drop", "[data-row]", (row, event) => {
    if (!isNeighbour(row)) return;
    event.preventDefault();
    const command = moveCommand(Number(dragged.dataset.row), Number(row.dataset.row), sideOf(row, event));
    const button = dragged.querySelector("[name=arrange]:not(:disabled)");
    if (!command) return;
    button.value = command;
    button.click();
  });
  document.addEventListener("dragend", () => {
    dragged?.removeAttribute("draggable");
    dragged = null;
    for (const row of queryAll("[data-row][data-at]")) row.removeAttribute("data-at");
  });
}
