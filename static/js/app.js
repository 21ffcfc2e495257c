// What every page loads. Pages work without it; it saves presses and page loads.
// Everything is found by data- attributes, at start and again in what htmx swaps in.
import { startBrandPreview } from "./brand-preview.js";
import { startConditionalFields } from "./conditional-fields.js";
import { startCopying } from "./copy.js";
import { startDemo } from "./demo.js";
import { startDialogs } from "./dialog.js";
import { startDrafts } from "./drafts.js";
import { startDragging } from "./drag-lines.js";
import { startFlashes } from "./flash.js";
import { startFocus } from "./focus.js";
import { startForms } from "./forms.js";
import { startGlobalSearch } from "./global-search.js";
import { startHours } from "./hours.js";
import { startHtmx } from "./htmx-errors.js";
import { startInstalled } from "./installed.js";
import { startMenus } from "./menu.js";
import { startPasswords } from "./password.js";
import { startPhotos } from "./photos.js";
import { startPresets } from "./presets.js";
import { startScrollers } from "./scroller.js";
import { startTicks } from "./ticks.js";
import { startUploads } from "./upload-page.js";

document.documentElement.classList.remove("no-js");

startTicks();
startCopying();
startPasswords();
startConditionalFields();
startPresets();
startBrandPreview();
startDialogs();
startMenus();
startGlobalSearch();
startForms();
startHours();
startHtmx();
startDemo();
startDragging();
startScrollers();
startFlashes();
startFocus();
startUploads();
startPhotos();
startDrafts();
startInstalled();
