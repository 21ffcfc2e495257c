// What every page loads, the office's in office.js. Pages work without it; it saves presses and page loads.
// Everything is found by data- attributes, at start and again in what htmx swaps in.
import { startConditionalFields } from "./conditional-fields.js";
import { startCopying } from "./copy.js";
import { startDemo } from "./demo.js";
import { startDialogs } from "./dialog.js";
import { startDrafts } from "./drafts.js";
import { startFlashes } from "./flash.js";
import { startFocus } from "./focus.js";
import { startForms } from "./forms.js";
import { startHtmx } from "./htmx-errors.js";
import { startInstalled } from "./installed.js";
import { startMenus } from "./menu.js";
import { startPasskeys } from "./passkey.js";
import { startPasswords } from "./password.js";
import { startPhotos } from "./photos.js";
import { startPresets } from "./presets.js";
import { startScrollers } from "./scroller.js";
import { startUploads } from "./upload-page.js";

document.documentElement.classList.remove("no-js");

startCopying();
startPasswords();
startPasskeys();
startConditionalFields();
startPresets();
startDialogs();
startMenus();
startForms();
startHtmx();
startDemo();
startScrollers();
startFlashes();
startFocus();
startUploads();
startPhotos();
startDrafts();
startInstalled();
