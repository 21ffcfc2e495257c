// Photos open in a viewer, over links that open the pictures without it. Loaded by the pages that have photos; may be
// loaded twice.
import { listen } from "./dom.js";
import { openViewer } from "./photo-viewer.js";

if (!window.fieldgateViewer) {
  window.fieldgateViewer = true;
  listen("click", "a[data-photo]", (link, event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    openViewer(link);
  });
}
