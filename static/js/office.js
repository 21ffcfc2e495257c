// What pages of the office load: what customers' pages do, and what only the office shows.
import "./app.js";
import { startBrandPreview } from "./brand-preview.js";
import { startDragging } from "./drag-lines.js";
import { startGlobalSearch } from "./global-search.js";
import { startHours } from "./hours.js";
import { startTicks } from "./ticks.js";

startTicks();
startBrandPreview();
startGlobalSearch();
startHours();
startDragging();
