// The page around file fields: choosing and dropping, forms that carry files, and lists that show what arrived.
import { createElement, onLoad, queryAll } from "./dom.js";
import { UploadField } from "./upload-field.js";
import { formProgressText } from "./upload-rules.js";

const zones = "[data-drop]";
const fields = new Map(); // by their drop zone

// refresh puts the list of files as it is now into the page, and the tabs with their counts.
async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["#attached", "#own-files", ".tabs"]) {
      const fresh = page.querySelector(part);
      const old = document.querySelector(part);
      if (!fresh || !old) continue;
      old.replaceWith(fresh);
      window.htmx?.process(fresh);
      fresh.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
    }
  } catch {
    location.reload();
  }
}

function fieldOf(zone) {
  if (!fields.has(zone)) fields.set(zone, new UploadField(zone, refresh));
  return fields.get(zone);
}

function startChoosing() {
  document.addEventListener("change", ({ target }) => {
    const zone = target.type === "file" && target.closest(zones);
    if (!zone) return;
    const field = fieldOf(zone);
    const files = [...target.files];
    if (files.length === 0 && target === field.input && !field.sendsEach) { // a browser empties a field whose dialog is cancelled
      field.update();
      return;
    }
    target.value = "";
    field.add(files);
  });
}

// zoneFor is where files go that are dropped: anywhere on a page with one field.
function zoneFor(target) {
  const within = target instanceof Element && target.closest(zones);
  const all = queryAll(zones);
  return within || (all.length === 1 && all[0]);
}

function droppedFiles(dataTransfer) {
  return [...dataTransfer.items].filter((item) => item.kind === "file").map((item) => {
    const file = item.getAsFile();
    return file && Object.assign(file, { isFolder: item.webkitGetAsEntry?.()?.isDirectory });
  }).filter(Boolean);
}

// Without this a browser would leave the page to show what is dropped.
function startDropping() {
  for (const type of ["dragover", "drop", "dragleave"]) {
    document.addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      const zone = zoneFor(event.target);
      for (const each of queryAll(zones)) each.toggleAttribute("data-over", each === zone && type === "dragover");
      if (type === "drop" && zone && !fieldOf(zone).input.disabled) fieldOf(zone).add(droppedFiles(event.dataTransfer));
    });
  }
}

// A form with files goes by htmx, which tells how far it is; files stay chosen when the form is refused.
function startFileForms() {
  let kept = null;
  const fieldOfForm = (form) => form instanceof HTMLFormElement &&
    [...fields.values()].find((field) => !field.sendsEach && field.multiple && field.input.form === form);
  const setDisabled = (form, disabled) => {
    for (const button of queryAll("[type=submit]", form)) button.disabled = disabled;
  };
  document.addEventListener("htmx:configRequest", ({ target, detail }) => {
    if (fieldOfForm(target)) detail.timeout = 0; // files take as long as they take
  });
  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    const field = fieldOfForm(target);
    if (!field) return;
    setDisabled(target, true);
    kept = { action: target.action, files: [...field.input.files] };
  });
  document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
    const field = fieldOfForm(target);
    if (!field || !kept?.files.length || !detail.lengthComputable) return;
    field.bar ??= field.list.insertAdjacentElement("beforebegin", createElement("progress", { className: "upload__bar upload__bar--all", max: 1 }));
    field.bar.setAttribute("aria-label", "Sending the form");
    field.bar.value = detail.loaded / detail.total;
    field.say(formProgressText(detail.loaded, detail.total, kept.files.length));
  });
  document.addEventListener("htmx:beforeOnLoad", ({ target, detail }) => {
    if (fieldOfForm(target) && detail.xhr.status < 400) kept = null; // taken: nothing is to be chosen again
  });
  document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
    if (fieldOfForm(target)) detail.shouldSwap = detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/html");
  });
  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    const field = !detail.successful && fieldOfForm(target);
    if (!field) return;
    setDisabled(target, false);
    field.bar?.remove();
    field.bar = null;
    field.update(); // what went wrong stands above the page
  });
  document.addEventListener("htmx:load", () => {
    const zone = kept?.files.length && queryAll(zones).find((each) => each.querySelector(".file-field__input").form?.action === kept.action && !fields.has(each));
    if (!zone || zone.querySelector("[data-each]")) return;
    const { files } = kept;
    kept = null;
    fieldOf(zone).add(files);
  });
}

export function startUploads() {
  startChoosing();
  startDropping();
  startFileForms();
  document.addEventListener("htmx:load", () => {
    for (const zone of fields.keys()) if (!zone.isConnected) fields.delete(zone);
  });
  onLoad(() => queryAll(zones).forEach(fieldOf));

  addEventListener("online", () => {
    for (const field of fields.values()) field.inState("failed").forEach((upload) => upload.retryButton.click());
  });
  addEventListener("beforeunload", (event) => {
    if ([...fields.values()].some((field) => field.isBusy)) event.preventDefault();
  });
}
