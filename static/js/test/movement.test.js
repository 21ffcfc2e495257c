import assert from "node:assert/strict";
import test from "node:test";
import { isInside } from "../dialog.js";
import { moveCommand } from "../drag-lines.js";
import { nextIndex } from "../global-search.js";
import { signInPath } from "../htmx-errors.js";
import { hiddenSides } from "../scroller.js";

test("a line dropped elsewhere is moved, one dropped where it was is not", () => {
  for (const [from, onto, side, want] of [
    [0, 2, "after", "move-0-2"],
    [0, 2, "before", "move-0-1"],
    [3, 1, "before", "move-3-1"],
    [3, 1, "after", "move-3-2"],
    [1, 1, "before", null],
    [1, 1, "after", null],
    [1, 0, "after", null],
    [1, 2, "before", null],
  ]) assert.equal(moveCommand(from, onto, side), want, `${from} ${side} ${onto}`);
});

test("arrows walk round the results", () => {
  for (const [index, step, length, want] of [[0, 1, 3, 1], [2, 1, 3, 0], [0, -1, 3, 2], [-1, 1, 3, 0]]) {
    assert.equal(nextIndex(index, step, length), want, `${index} ${step} of ${length}`);
  }
});

test("a row says where it goes on", () => {
  for (const [scrolled, visible, whole, want] of [
    [0, 300, 300, ""],
    [0, 300, 304, ""],
    [0, 300, 500, "end"],
    [100, 300, 500, "start end"],
    [200, 300, 500, "start"],
    [-100, 300, 500, "start end"], // right to left
  ]) assert.equal(hiddenSides(scrolled, visible, whole), want, `${scrolled} of ${whole - visible}`);
});

test("a press beside a dialog is told from one on it", () => {
  const box = { left: 10, right: 20, top: 10, bottom: 20 };
  for (const [x, y, want] of [[15, 15, true], [10, 20, true], [9, 15, false], [15, 21, false]]) assert.equal(isInside(box, x, y), want, `${x}, ${y}`);
});

test("who was signed out signs in at their side, and comes back to the page", () => {
  for (const [path, query, want] of [
    ["/jobs/new", "?equipment=x", "/login?next=%2Fjobs%2Fnew%3Fequipment%3Dx"],
    ["/", "", "/login?next=%2F"],
    ["/office/quotes/Q-1/edit", "", "/office/login?next=%2Foffice%2Fquotes%2FQ-1%2Fedit"],
    ["/office", "", "/office/login?next=%2Foffice"],
    ["/officers", "", "/login?next=%2Fofficers"],
  ]) assert.equal(signInPath(path, query), want, path);
});
