// A file field and its files. One with data-each sends every file by itself, beside its own progress; any other
// gathers them and sends them with its form.
import { createElement } from "./dom.js";
import { countText, finishedText, isSameFile, objection, outcome, progressText, sizeText, tooMany, uploadsToStart } from "./upload-rules.js";

const patience = 90_000; // milliseconds without a byte before a connection counts as lost

export class UploadField {
  constructor(zone, onFinished) {
    this.zone = zone;
    this.onFinished = onFinished;
    this.input = zone.querySelector(".file-field__input");
    this.list = zone.querySelector("[data-drop-list]");
    this.status = zone.querySelector("[data-drop-status]");
    this.sendsEach = this.input.hasAttribute("data-each");
    this.multiple = this.input.multiple;
    this.uploads = [];
    if (this.sendsEach) this.input.removeAttribute("required");
    else if (this.multiple && window.htmx && !this.input.form.hasAttribute("hx-boost")) {
      this.input.form.setAttribute("hx-boost", "true");
      window.htmx.process(this.input.form);
    }
  }

  get isBusy() {
    return this.sendsEach && this.uploads.some((upload) => upload.isOpen);
  }

  inState(state) {
    return this.uploads.filter((upload) => upload.state === state);
  }

  // add takes files in, or says at once why not.
  add(files) {
    if (!this.multiple) {
      for (const upload of this.uploads) upload.item.remove();
      this.uploads = [];
    }
    const { accept, dataset } = this.input;
    const most = Number(dataset.most || Infinity);
    const limit = Number(dataset.limit || Infinity);
    const rules = { limit, videoLimit: Number(dataset.videoLimit || limit), accept, taken: dataset.taken };
    for (const file of this.multiple ? files : files.slice(0, 1)) {
      if (!this.sendsEach && this.inState("waiting").some((upload) => isSameFile(upload.file, file))) continue;
      const open = this.uploads.filter((upload) => upload.isOpen).length;
      const upload = new Upload(this, file);
      const problem = open >= most ? tooMany(most) : objection(file, rules);
      if (problem) upload.show("refused", problem);
    }
    this.say("");
    this.update();
  }

  // update starts what may be sent, or puts what waits into the form.
  update() {
    this.list.hidden = this.uploads.length === 0;
    const waiting = this.inState("waiting");
    if (this.sendsEach) {
      const sending = this.inState("sending").length;
      for (const upload of waiting.slice(0, uploadsToStart(waiting.length, sending))) upload.send();
      if (sending + waiting.length === 0 && this.inState("done").length > 0) this.finish();
      return;
    }
    const chosen = new DataTransfer();
    for (const upload of waiting) chosen.items.add(upload.file);
    this.input.files = chosen.files;
    this.say(waiting.length ? `${countText(waiting.length)} chosen.` : "");
  }

  say(words) {
    if (this.status.textContent !== words) this.status.textContent = words;
  }

  // finish tells the outcome; what arrived is shown in the page's list of files, and goes from here.
  finish() {
    const done = this.inState("done");
    this.say(finishedText(done.length, this.uploads.length - done.length));
    for (const upload of done) upload.state = "shown";
    this.onFinished().then(() => done.forEach((upload) => upload.remove()));
  }
}

const newNonce = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("");

class Upload {
  constructor(field, file) {
    Object.assign(this, { field, file, state: "waiting", nonce: newNonce() });
    const icon = (name) => field.zone.querySelector(`template[data-icon=${name}]`).content.cloneNode(true);
    this.bar = createElement("progress", { className: "upload__bar", max: 1, value: 0, hidden: true });
    this.bar.setAttribute("aria-label", `Sending ${file.name}`);
    this.detail = createElement("span", { className: "upload__detail", textContent: sizeText(file.size) });
    this.retryButton = createElement("button", { type: "button", className: "button button--secondary button--small", hidden: true },
      icon("again"), createElement("span", { textContent: "Try again" }));
    this.removeButton = createElement("button", { type: "button", className: "button button--quiet button--icon button--small" },
      icon("x"), createElement("span", { className: "sr-only", textContent: `Remove ${file.name}` }));
    this.item = createElement("li", { className: "upload" },
      createElement("span", { className: "upload__words" }, createElement("b", { textContent: file.name, dir: "auto" }), this.detail, this.bar),
      this.retryButton, this.removeButton);
    this.retryButton.addEventListener("click", () => {
      this.show("waiting", sizeText(file.size));
      field.input.focus();
      field.update();
    });
    this.removeButton.addEventListener("click", () => {
      this.remove();
      field.input.focus();
    });
    field.list.append(this.item);
    field.uploads.push(this);
  }

  get isOpen() {
    return this.state === "waiting" || this.state === "sending";
  }

  show(state, words) {
    this.state = state;
    this.item.dataset.state = state;
    this.detail.textContent = words;
    this.retryButton.hidden = state !== "failed";
    this.removeButton.hidden = state === "done";
    this.bar.hidden = state !== "sending";
  }

  remove() {
    this.request?.abort();
    this.item.remove();
    this.field.uploads = this.field.uploads.filter((upload) => upload !== this);
    this.field.update();
  }

  // send sends the file by itself. The nonce stays when it is tried again: if only the answer was lost,
  // the server knows the file.
  send() {
    const { form, name } = this.field.input;
    const body = new FormData();
    for (const [key, value] of new FormData(form)) if (typeof value === "string") body.set(key, value);
    body.set("nonce", this.nonce);
    body.append(name, this.file, this.file.name);
    const request = new XMLHttpRequest();
    this.request = request;
    let timer;
    const end = (state, words) => {
      clearTimeout(timer);
      this.request = null;
      this.show(state, words);
      this.field.update();
    };
    const lose = () => end("failed", "The connection was lost.");
    const expectMore = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        request.abort();
        lose();
      }, patience);
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      this.bar.value = loaded / total;
      this.detail.textContent = progressText(loaded, total, this.file.size);
      expectMore();
    });
    request.addEventListener("error", lose);
    request.addEventListener("load", () => {
      const isText = request.getResponseHeader("Content-Type")?.startsWith("text/plain");
      end(...outcome(request.status, isText ? request.responseText.trim() : ""));
    });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/plain");
    this.show("sending", progressText(0, 1, this.file.size));
    expectMore();
    request.send(body);
  }
}
