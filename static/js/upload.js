// Files on their way: dropped, chosen or taken with the camera. Loaded by the pages that have a file field; may be
// loaded twice.
import { startUploads } from "./upload-page.js";

if (!window.fieldgateUpload) {
  window.fieldgateUpload = true;
  startUploads();
}
