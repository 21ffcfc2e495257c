// Photos open in a viewer, over links that open the pictures without it. Most pages are left without looking at one, so
// the viewer is fetched at the first press; the page says where it lies.
import { createElement, listen } from "./dom.js";

let viewer;

const loaded = (element) =>
  new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });

function fetchViewer() {
  const { script, style } = document.querySelector("[data-viewer]").dataset;
  return Promise.all([loaded(createElement("link", { rel: "stylesheet", href: style })), loaded(createElement("script", { src: script }))]);
}

export function startPhotos() {
  listen("click", "a[data-photo]", async (link, event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    try {
      await (viewer ??= fetchViewer());
      window.fieldgateOpenViewer(link);
    } catch {
      viewer = null;
      location.assign(link.href);
    }
  });
}
