// The photo viewer: arrows, Escape and swiping.
import { createElement, queryAll } from "./dom.js";
import { dragTransform, indexForKey, swipe, uniqueLinks, wrap } from "./viewer-steps.js";

const svg = "http://www.w3.org/2000/svg";

function lineIcon(path) {
  const icon = document.createElementNS(svg, "svg");
  const line = document.createElementNS(svg, "path");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round" })) icon.setAttribute(name, value);
  line.setAttribute("d", path);
  icon.append(line);
  return icon;
}

function iconButton(label, path, className, press) {
  const button = createElement("button", { type: "button", className: `viewer__button ${className}`, title: label }, lineIcon(path));
  button.setAttribute("aria-label", label);
  button.addEventListener("click", press);
  return button;
}

// openViewer shows the photo of a link, and the others of its list.
export function openViewer(opener) {
  const links = uniqueLinks(queryAll("a[data-photo]", opener.closest("[data-photos]") ?? document), opener);
  const hasSeveral = links.length > 1;
  let index = links.indexOf(opener);

  const image = createElement("img", { className: "viewer__image", draggable: false });
  const stage = createElement("div", { className: "viewer__stage" }, image);
  const caption = createElement("span", { className: "viewer__caption", dir: "auto" });
  const detail = createElement("span", { className: "viewer__detail" });
  const place = createElement("p", { className: "viewer__place" });
  const status = createElement("p", { className: "sr-only" });
  status.setAttribute("role", "status");
  const download = createElement("a", { className: "viewer__button", download: "", title: "Download" }, lineIcon("M12 15V3M7 10l5 5 5-5M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"));
  download.setAttribute("aria-label", "Download");
  const close = iconButton("Close", "M18 6 6 18M6 6l12 12", "", () => dialog.close());
  const dialog = createElement("dialog", { className: "viewer" },
    stage,
    createElement("div", { className: "viewer__bar" }, place, download, close),
    iconButton("Previous photo", "m15 18-6-6 6-6", "viewer__previous", () => show(index - 1)),
    iconButton("Next photo", "m9 18 6-6-6-6", "viewer__next", () => show(index + 1)),
    createElement("div", { className: "viewer__words" }, caption, detail), status);
  dialog.setAttribute("aria-label", "Photos");
  dialog.toggleAttribute("data-several", hasSeveral);

  function show(next) {
    index = wrap(next, links.length);
    const link = links[index];
    const { caption: text = "", detail: line = "", save: original = link.href, width, height } = link.dataset;
    dialog.removeAttribute("data-lost");
    image.alt = text;
    image.style.transform = "";
    load(link);
    if (width && height) Object.assign(image, { width, height });
    else ["width", "height"].forEach((name) => image.removeAttribute(name));
    download.href = original;
    caption.textContent = text;
    detail.textContent = line;
    place.textContent = hasSeveral ? `${index + 1} / ${links.length}` : "";
    status.textContent = `Photo ${index + 1} of ${links.length}: ${text}`;
    if (hasSeveral) for (const near of [index + 1, index - 1]) new Image().src = links[wrap(near, links.length)].href;
  }

  // The small picture stands in, at the size of the large one, until that is here.
  function load(link) {
    const large = new Image();
    large.src = link.href;
    const isCurrent = () => links[index] === link;
    const showLarge = () => {
      if (!isCurrent()) return;
      image.src = large.src;
      dialog.removeAttribute("data-loading");
    };
    if (large.complete && large.naturalWidth) {
      showLarge();
      return;
    }
    const thumbnail = link.querySelector("img") ?? document.getElementById(link.dataset.thumb ?? "");
    dialog.setAttribute("data-loading", "");
    image.src = thumbnail?.currentSrc || link.href;
    large.addEventListener("load", showLarge);
    large.addEventListener("error", () => {
      if (!isCurrent()) return;
      dialog.removeAttribute("data-loading");
      dialog.setAttribute("data-lost", "");
      detail.textContent = "This photo cannot be shown just now.";
      status.textContent = detail.textContent;
    });
  }

  dialog.addEventListener("close", () => {
    dialog.remove();
    const back = links[index].isConnected ? links[index] : opener;
    back.focus({ preventScroll: false });
  });
  dialog.addEventListener("keydown", (event) => {
    const next = indexForKey(event.key, index, links.length);
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(next);
  });
  followFinger(stage, image, hasSeveral, { next: () => show(index + 1), previous: () => show(index - 1), close: () => dialog.close() });

  document.body.append(dialog);
  show(index);
  dialog.showModal();
  close.focus();
}

// followFinger moves the picture with a finger: sideways to its neighbours, down to close. A press beside the picture
// closes, too. Not while the page is zoomed.
function followFinger(stage, image, hasSeveral, actions) {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)");
  const isZoomed = () => (window.visualViewport?.scale ?? 1) > 1.01;
  let start = null;
  let hasMoved = false;
  stage.addEventListener("click", (event) => {
    if (!hasMoved && event.target === stage) actions.close();
  });
  stage.addEventListener("pointerdown", (event) => {
    hasMoved = false;
    start = event.isPrimary && event.pointerType !== "mouse" && !isZoomed() ? { x: event.clientX, y: event.clientY } : null;
  });
  stage.addEventListener("pointermove", (event) => {
    if (!start || !event.isPrimary) return;
    const [x, y] = [event.clientX - start.x, event.clientY - start.y];
    if (Math.hypot(x, y) < 8) return;
    hasMoved = true;
    if (!isStill.matches) image.style.transform = dragTransform(x, y, hasSeveral);
  });
  const release = (event) => {
    if (!start) return;
    const [x, y] = [event.clientX - start.x, event.clientY - start.y];
    start = null;
    image.style.transform = "";
    if (event.type !== "pointercancel") actions[swipe(x, y, hasSeveral)]?.();
  };
  stage.addEventListener("pointerup", release);
  stage.addEventListener("pointercancel", release);
}
