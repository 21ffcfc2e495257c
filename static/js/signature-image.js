// What a signature field sends, and how its canvas fits the screen.

// imageOf is the drawing as a data address, "" when nothing is drawn.
export const imageOf = (pad) => (pad.isEmpty() ? "" : pad.toDataURL("image/png"));

// pixelRatio is how many pixels of the canvas show one of the page: sharp, without pictures of many megabytes.
export const pixelRatio = (devicePixelRatio) => Math.min(2, Math.max(1, devicePixelRatio || 1));
