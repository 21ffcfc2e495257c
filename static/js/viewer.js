// What photos.js fetches at the first press on a photo.
import { openViewer } from "./photo-viewer.js";

window.fieldgateOpenViewer = openViewer;
