import assert from "node:assert/strict";
import test from "node:test";
import { Seal, draftOf, fate, forgetAll, forgetOld, textsOf } from "../drafts.js";

const text = (name, value, defaultValue = "", more = {}) => ({ name, value, defaultValue, type: "textarea", ...more });

test("a draft keeps what was typed, and nothing that is hidden, secret, chosen or many", () => {
  const texts = textsOf([
    text("description", "Too warm"),
    text("order", "PO 7", "PO 7", { type: "text" }),
    text("password", "secret", "", { type: "password" }),
    text("nonce", "x", "", { type: "hidden" }),
    text("files", "kitchen.jpg", "", { type: "file" }),
    text("line", "one"), text("line", "two"),
    text("", "nameless"),
  ]);
  assert.deepEqual(texts.map(({ name }) => name), ["description", "order"]);
  assert.deepEqual(draftOf(texts, 5), { at: 5, values: { description: { value: "Too warm", first: "" } } });
  assert.equal(draftOf(textsOf([text("description", "", "")]), 5), null);
});

test("what becomes of a draft when its form is there again", () => {
  const draft = { at: 1000, values: { text: { value: "Too warm", first: "" } } };
  const page = (value) => textsOf([text("text", value, value)]);
  for (const [shown, wasSent, want] of [
    ["", false, "restore"],
    ["", true, "forget"], // it was taken: the form is empty
    ["Too warm", true, "wait"], // it was refused: the form shows it
    ["Too warm", false, "wait"],
    ["changed by a colleague", false, "wait"],
  ]) assert.equal(fate(draft, page(shown), wasSent), want, `${shown}, ${wasSent}`);
  assert.equal(fate(draft, textsOf([text("other", "")]), false), "wait");
});

class Store extends Map {
  getItem(name) {
    return this.get(name) ?? null;
  }

  setItem(name, value) {
    this.set(name, value);
  }

  removeItem(name) {
    this.delete(name);
  }
}

test("what one person typed another finds nothing of", async () => {
  const store = new Store();
  const lee = new Seal(btoa("l".repeat(32)), store);
  const kim = new Seal(btoa("k".repeat(32)), store);
  const draft = { at: 1, values: { text: { value: "Wärmepumpe", first: "" } } };
  await lee.keep("/jobs 1", draft);
  assert.deepEqual(await lee.find("/jobs 1"), draft);
  assert.equal(await lee.find("/quotes 1"), null);
  assert.equal(await kim.find("/jobs 1"), null);
  const [[name, lies]] = [...store];
  assert.ok(!/jobs|rmepumpe|text/.test(name + lies));
  store.setItem(await kim.nameOf("/jobs 1"), lies); // put there by hand
  assert.equal(await kim.find("/jobs 1"), null);
  await lee.forget("/jobs 1");
  assert.equal(await lee.find("/jobs 1"), null);
});

function removeItem(name) {
  delete this[name];
}

test("signing out leaves none, and two weeks are enough", () => {
  const day = 24 * 60 * 60 * 1000;
  const shelf = { "draft:old": `${day} x`, "draft:new": `${2 * day} x`, "draft:broken": "x", other: "y", removeItem };
  forgetOld(shelf, 15 * day + 1);
  assert.deepEqual(Object.keys(shelf), ["draft:new", "other", "removeItem"]);

  const store = { "draft:a": "x", other: "y", removeItem };
  forgetAll(store);
  assert.deepEqual(Object.keys(store), ["other", "removeItem"]);
});
