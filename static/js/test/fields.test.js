import assert from "node:assert/strict";
import test from "node:test";
import { isColour } from "../brand-preview.js";
import { isShown } from "../conditional-fields.js";
import { hoursBetween } from "../hours.js";
import { isLongEnough } from "../password.js";
import { matchingPreset } from "../presets.js";

test("fields are shown for the answers they belong to", () => {
  const form = { access: ["own"], notify: ["on"], types: ["1", "7"], formula: ["a=b"], empty: [""] };
  const valuesOf = (name) => form[name] ?? [];
  for (const [condition, want] of [
    ["access=own", true],
    ["access=all", false],
    ["access=all|own", true],
    ["types=7", true],
    ["types=17", false],
    ["notify", true],
    ["missing", false],
    ["missing=", false],
    ["empty=", true],
    ["formula=a=b", true],
    ["formula=a", false],
  ]) assert.equal(isShown(condition, valuesOf), want, condition);
});

test("a preset is chosen when all that it names fits", () => {
  const presets = { see: { jobs: "own", quotes: "" }, manage: { jobs: "all", quotes: "on" } };
  for (const [form, want] of [
    [{ jobs: "own", quotes: "" }, "see"],
    [{ jobs: "all", quotes: "on" }, "manage"],
    [{ jobs: "all", quotes: "on", files: "on" }, "manage"],
    [{ jobs: "all", quotes: "" }, undefined],
    [{ jobs: "own" }, undefined],
  ]) assert.equal(matchingPreset(presets, (name) => form[name]), want, JSON.stringify(form));
});

test("a password is measured in characters, as the server does", () => {
  for (const [password, shortest, want] of [
    ["", 1, false],
    ["elevenchars", 12, false],
    ["twelve chars", 12, true],
    ["eleven char ", 12, false],
    ["🔑🔑🔑🔑", 4, true],
    ["🔑🔑", 4, false],
    ["e\u0301e\u0301", 3, false], // two letters with an accent of its own each
  ]) assert.equal(isLongEnough(password, shortest), want, password);
});

test("hours follow from start and end", () => {
  const at = (hours, minutes = 0) => (hours * 60 + minutes) * 60_000;
  for (const [start, end, want] of [
    [at(9), at(17), 8],
    [at(9), at(9, 20), 0.33],
    [at(22), at(6), 8], // on the next day
    [at(9), at(9), null],
    [NaN, at(9), null],
    [at(9), NaN, null],
  ]) assert.equal(hoursBetween(start, end), want, `${start} to ${end}`);
});

test("a colour is six digits", () => {
  for (const [text, want] of [["#14223d", true], ["#ABCDEF", true], ["#fff", false], ["14223d", false], ["#14223d80", false], ["#14223g", false]]) {
    assert.equal(isColour(text), want, text);
  }
});
