import assert from "node:assert/strict";
import test from "node:test";
import { itemsBetween, tickAllState, tickedText } from "../ticks.js";

test("Shift ticks the range between two boxes, whichever was pressed first", () => {
  const boxes = ["a", "b", "c", "d"];
  for (const [one, other, want] of [
    ["a", "c", ["a", "b", "c"]],
    ["c", "a", ["a", "b", "c"]],
    ["b", "b", ["b"]],
    ["a", "d", boxes],
    ["gone", "b", []],
  ]) assert.deepEqual(itemsBetween(boxes, one, other), want, `${one} to ${other}`);
});

test("the box that ticks all shows what is ticked", () => {
  for (const [total, ticked, want] of [
    [0, 0, { hidden: true, checked: false, indeterminate: false }],
    [3, 0, { hidden: false, checked: false, indeterminate: false }],
    [3, 1, { hidden: false, checked: false, indeterminate: true }],
    [3, 3, { hidden: false, checked: true, indeterminate: false }],
  ]) assert.deepEqual(tickAllState(total, ticked), want, `${ticked} of ${total}`);
});

test("the bar counts in words", () => {
  assert.equal(tickedText(1, "files"), "1 file ticked");
  assert.equal(tickedText(2, "files"), "2 files ticked");
});
