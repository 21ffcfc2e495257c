import assert from "node:assert/strict";
import test from "node:test";
import { imageOf, pixelRatio } from "../signature-image.js";

test("an empty field sends nothing, a drawing its picture", () => {
  const pad = (isEmpty) => ({ isEmpty: () => isEmpty, toDataURL: (type) => `data:${type};base64,AAAA` });
  assert.equal(imageOf(pad(true)), "");
  assert.equal(imageOf(pad(false)), "data:image/png;base64,AAAA");
});

test("a canvas is as sharp as the screen, within reason", () => {
  for (const [given, want] of [[1, 1], [1.5, 1.5], [3, 2], [0.5, 1], [undefined, 1]]) assert.equal(pixelRatio(given), want, String(given));
});
