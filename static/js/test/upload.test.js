import assert from "node:assert/strict";
import test from "node:test";
import { countText, finishedText, formProgressText, isSameFile, objection, outcome, progressText, sizeText, tooMany, uploadsToStart } from "../upload-rules.js";

const photo = { name: "Coil.JPG", size: 2e6, type: "image/jpeg", lastModified: 1 };

test("what cannot be accepted is said before it is sent", () => {
  const rules = { limit: 25 << 20, videoLimit: 200 << 20, accept: ".jpg,.png,.pdf,.mov" };
  for (const [file, accept, want] of [
    [photo, rules.accept, ""],
    [{ ...photo, size: 26 << 20 }, rules.accept, "It is larger than 25 MB."],
    [{ ...photo, size: 25 << 20 }, rules.accept, ""],
    [{ ...photo, size: 0 }, rules.accept, "It is empty."],
    [{ ...photo, isFolder: true }, rules.accept, "A folder cannot be sent. Choose the files in it."],
    [{ ...photo, name: "setup.exe", type: "" }, rules.accept, "This type of file is not accepted here."],
    [{ ...photo, name: "clip.MOV", size: 150 << 20, type: "video/quicktime" }, rules.accept, ""],
    [{ ...photo, name: "clip.mov", size: 201 << 20, type: "video/quicktime" }, rules.accept, "It is larger than 200 MB."],
    [{ ...photo, name: "setup.exe", type: "" }, ".jpg,.png", "This type of file is not accepted here."],
    [{ ...photo, name: "no ending" }, rules.accept, ""], // the server looks inside
    [{ ...photo, name: "photo.webp", type: "image/webp" }, "image/*", ""],
    [{ ...photo, name: "plan.pdf", type: "application/pdf" }, "image/*", "This type of file is not accepted here."],
  ]) assert.equal(objection(file, { ...rules, accept }), want, `${file.name} of ${file.size}`);
  assert.equal(objection({ ...photo, name: "setup.exe", type: "" }, { ...rules, taken: "Send photos." }), "This type of file is not accepted. Send photos.");
  assert.equal(objection({ ...photo, size: 1e12 }, { accept: ".jpg" }), "", "without a limit");
  assert.equal(tooMany(20), "Only 20 files can be sent at once. Send this one next.");
});

test("two go at once, the others wait", () => {
  for (const [waiting, sending, want] of [[0, 0, 0], [1, 0, 1], [5, 0, 2], [5, 1, 1], [5, 2, 0], [5, 3, 0]]) {
    assert.equal(uploadsToStart(waiting, sending), want, `${waiting} wait, ${sending} are sent`);
  }
});

test("what failed may be tried again, what was refused may not", () => {
  for (const [status, text, want] of [
    [204, "", ["done", "Added"]],
    [401, "You have been signed out.", ["failed", "You have been signed out."]],
    [422, "It is not a photo.", ["refused", "It is not a photo."]],
    [413, "", ["refused", "It was not accepted."]],
    [429, "Wait.", ["failed", "Wait."]],
    [429, "", ["failed", "The server could not take it just now."]],
    [500, "", ["failed", "The server could not take it just now."]],
    [503, "", ["failed", "The server could not take it just now."]],
  ]) assert.deepEqual(outcome(status, text), want, String(status));
});

test("a file chosen twice is one", () => {
  assert.ok(isSameFile(photo, { ...photo }));
  for (const other of [{ ...photo, name: "Other.jpg" }, { ...photo, size: 1 }, { ...photo, lastModified: 2 }]) assert.ok(!isSameFile(photo, other));
});

test("sizes, counts and progress are said in words", () => {
  for (const [got, want] of [
    [sizeText(1), "1 KB"],
    [sizeText(999_400), "999 KB"],
    [sizeText(2_340_000), "2.3 MB"],
    [countText(1), "1 file"],
    [countText(2), "2 files"],
    [progressText(0, 100, 2e6), "0 % of 2.0 MB"],
    [progressText(1, 3, 2e6), "33 % of 2.0 MB"],
    [progressText(3, 3, 2e6), "Checking…"],
    [formProgressText(39, 100, 2), "Sending 2 files: 30 %"],
    [formProgressText(100, 100, 2), "Checking…"],
    [finishedText(2, 0), "2 files added."],
    [finishedText(1, 2), "1 file added. 2 files not taken."],
  ]) assert.equal(got, want);
});
