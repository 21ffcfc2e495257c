import assert from "node:assert/strict";
import test from "node:test";
import { dragTransform, indexForKey, swipe, uniqueLinks, wrap } from "../viewer-steps.js";

test("a photo that is linked twice shows once, by the link that was pressed", () => {
  const [picture, name, other, again] = [{ href: "/1" }, { href: "/1" }, { href: "/2" }, { href: "/2" }];
  const links = [picture, name, other, again];
  assert.deepEqual(uniqueLinks(links, picture), [picture, other]);
  assert.equal(uniqueLinks(links, name)[0], name);
  assert.equal(uniqueLinks(links, again)[1], again);
});

test("after the last photo comes the first, and back", () => {
  for (const [index, want] of [[0, 0], [2, 2], [3, 0], [-1, 2]]) assert.equal(wrap(index, 3), want);
});

test("keys go on, back and to either end", () => {
  for (const [key, want] of [["ArrowRight", 2], ["ArrowLeft", 0], ["Home", 0], ["End", 4], ["Enter", undefined]]) {
    assert.equal(indexForKey(key, 1, 5), want, key);
  }
});

test("a finger goes on, back, or closes", () => {
  for (const [x, y, several, want] of [
    [-60, 10, true, "next"],
    [60, -10, true, "previous"],
    [40, 0, true, ""],
    [-60, 10, false, ""],
    [10, 120, true, "close"],
    [10, 90, true, ""],
    [100, 120, true, "close"],
    [130, 120, true, "previous"],
    [0, -120, true, ""],
  ]) assert.equal(swipe(x, y, several), want, `${x}, ${y}`);
});

test("the photo follows the finger", () => {
  for (const [x, y, several, want] of [
    [40, 10, true, "translateX(40px)"],
    [40, 10, false, "translateX(10px)"],
    [10, 40, true, "translateY(40px)"],
    [10, -40, true, "translateY(0px)"],
  ]) assert.equal(dragTransform(x, y, several), want);
});
