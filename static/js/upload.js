// Files on their way: dropped, chosen or taken with the camera. A field with data-each sends every file by
// itself, beside its own progress; any other gathers them and sends them with its form. Loaded by the pages
// that have a file field; may be loaded twice.
(() => {
  "use strict";
  if (window.fieldgateUpload) return;
  window.fieldgateUpload = true;

  const atOnce = 2; // more would only share the same line
  const patience = 90_000; // milliseconds without a byte before a line counts as lost

  const make = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const count = (n) => n === 1 ? "1 file" : `${n} files`;
  const icon = (drop, name) => drop.querySelector(`template[data-icon=${name}]`).content.cloneNode(true);

  // fields are the file fields of the page by their drop zone.
  const fields = new Map();

  class Field {
    constructor(drop) {
      this.drop = drop;
      this.input = drop.querySelector(".drop__input");
      this.list = drop.querySelector("[data-drop-list]");
      this.status = drop.querySelector("[data-drop-status]");
      this.each = this.input.hasAttribute("data-each");
      this.several = this.input.multiple;
      this.rows = [];
      if (this.each) this.input.removeAttribute("required");
      else if (this.several && window.htmx && !this.input.form.hasAttribute("hx-boost")) {
        this.input.form.setAttribute("hx-boost", "true");
        htmx.process(this.input.form);
      }
    }

    // add takes files in, or says at once why not.
    add(files) {
      if (!this.several) {
        this.rows.forEach((row) => row.item.remove());
        this.rows = [];
        files = files.slice(0, 1);
      }
      const most = Number(this.input.dataset.most || Infinity);
      for (const file of files) {
        const open = this.rows.filter((row) => ["waiting", "sending"].includes(row.state)).length;
        if (!this.each && this.rows.some((row) => row.state === "waiting" && row.file.name === file.name && row.file.size === file.size && row.file.lastModified === file.lastModified)) continue;
        const row = new Row(this, file);
        const why = open >= most ? `Only ${most} files can be sent at once. Send this one next.` : this.objection(file);
        if (why) row.show("refused", why);
      }
      this.say("");
      this.changed();
    }

    // objection is what can be said without the server, which looks inside.
    objection(file) {
      const limit = Number(this.input.dataset.limit || Infinity);
      if (file.folder) return "A folder cannot be sent. Choose the files in it.";
      if (file.size > limit) return `It is larger than ${limit >> 20} MB.`;
      if (file.size === 0) return "It is empty.";
      const accepted = this.input.accept.toLowerCase().split(",");
      const ending = /\.[^.]+$/.exec(file.name.toLowerCase())?.[0];
      const fits = !ending || accepted.includes(ending) || accepted.some((type) => type.endsWith("/*") && file.type.startsWith(type.slice(0, -1)));
      return fits ? "" : `This type of file is not accepted${accepted.includes(".pdf") ? ". Send photos (JPEG, PNG, WebP, HEIC) or documents (PDF, Word, Excel, text, CSV)" : " here"}.`;
    }

    changed() {
      this.list.hidden = this.rows.length === 0;
      const waiting = this.rows.filter((row) => row.state === "waiting");
      if (this.each) {
        const sending = this.rows.filter((row) => row.state === "sending").length;
        waiting.slice(0, Math.max(0, atOnce - sending)).forEach((row) => row.send());
        if (sending + waiting.length === 0 && this.rows.some((row) => row.state === "done")) this.finished();
        return;
      }
      const kept = new DataTransfer();
      waiting.forEach((row) => kept.items.add(row.file));
      this.input.files = kept.files;
      this.input.dispatchEvent(new Event("drop:changed", { bubbles: true }));
      this.say(waiting.length ? `${count(waiting.length)} chosen.` : "");
    }

    say(words) { if (this.status.textContent !== words) this.status.textContent = words; }

    // finished tells the outcome and shows what arrived in the page's list of files.
    finished() {
      const done = this.rows.filter((row) => row.state === "done");
      const bad = this.rows.length - done.length;
      this.say([`${count(done.length)} added.`, bad && `${count(bad)} not taken.`].filter(Boolean).join(" "));
      done.forEach((row) => { row.state = "shown"; });
      refresh().then(() => done.forEach((row) => row.remove()));
    }
  }

  class Row {
    constructor(field, file) {
      Object.assign(this, { field, file, state: "waiting", nonce: Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("") });
      this.bar = make("progress", { className: "upload__bar", max: 1, value: 0, hidden: true });
      this.bar.setAttribute("aria-label", `Sending ${file.name}`);
      this.detail = make("span", { className: "upload__detail", textContent: size(file.size) });
      this.again = make("button", { type: "button", className: "button button--secondary button--small", hidden: true }, icon(field.drop, "again"), make("span", { textContent: "Try again" }));
      this.away = make("button", { type: "button", className: "button button--quiet button--icon button--small" }, icon(field.drop, "x"), make("span", { className: "sr-only", textContent: `Remove ${file.name}` }));
      this.item = make("li", { className: "upload" },
        make("span", { className: "upload__words" }, make("b", { textContent: file.name, dir: "auto" }), this.detail, this.bar), this.again, this.away);
      this.again.addEventListener("click", () => { this.show("waiting", size(file.size)); field.input.focus(); field.changed(); });
      this.away.addEventListener("click", () => { this.remove(); field.input.focus(); });
      field.list.append(this.item);
      field.rows.push(this);
    }

    show(state, words) {
      this.state = this.item.dataset.state = state;
      this.detail.textContent = words;
      this.again.hidden = state !== "failed";
      this.away.hidden = state === "done";
      this.bar.hidden = state !== "sending";
    }

    remove() {
      this.request?.abort();
      this.item.remove();
      this.field.rows = this.field.rows.filter((row) => row !== this);
      this.field.changed();
    }

    // send sends the file by itself. The nonce stays when it is tried again: if only the answer was lost,
    // the server knows the file.
    send() {
      const { form, name } = this.field.input;
      const body = new FormData();
      form.querySelectorAll("input[type=hidden]").forEach((field) => body.set(field.name, field.value));
      body.set("nonce", this.nonce);
      body.append(name, this.file, this.file.name);
      const request = this.request = new XMLHttpRequest();
      const ends = (state, words) => {
        clearTimeout(this.alarm);
        this.request = null;
        this.show(state, words);
        this.field.changed();
      };
      const watch = () => { clearTimeout(this.alarm); this.alarm = setTimeout(() => { request.abort(); ends("failed", "The connection was lost."); }, patience); };
      request.upload.addEventListener("progress", (event) => {
        this.bar.value = event.loaded / event.total;
        this.detail.textContent = event.loaded < event.total ? `${Math.floor(100 * event.loaded / event.total)} % of ${size(this.file.size)}` : "Checking…";
        watch();
      });
      request.addEventListener("error", () => ends("failed", "The connection was lost."));
      request.addEventListener("load", () => {
        const words = request.getResponseHeader("Content-Type")?.startsWith("text/plain") ? request.responseText.trim() : "";
        if (request.status === 204) ends("done", "Added");
        else if (request.status === 200) ends("failed", "You are not logged in any more. Log in again in another tab, then try again.");
        else if (request.status < 500 && request.status !== 429) ends("refused", words || "It was not accepted.");
        else ends("failed", "The server could not take it just now.");
      });
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "text/plain");
      this.show("sending", `0 % of ${size(this.file.size)}`);
      watch();
      request.send(body);
    }
  }

  // refresh puts the list of files as it is now into the page, and the tabs with their counts.
  async function refresh() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw answer;
      const now = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of ["#attached", "#own-files", ".tabs"]) {
        const fresh = now.querySelector(part), old = document.querySelector(part);
        if (!fresh || !old) continue;
        old.replaceWith(fresh);
        window.htmx?.process(fresh);
        fresh.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
      }
    } catch {
      location.reload();
    }
  }

  const fieldOf = (drop) => {
    if (!fields.has(drop)) fields.set(drop, new Field(drop));
    return fields.get(drop);
  };
  const usable = (drop) => drop && !drop.querySelector(".drop__input").disabled;

  document.addEventListener("change", (event) => {
    const drop = event.target.type === "file" && event.target.closest("[data-drop]");
    if (!drop) return;
    const field = fieldOf(drop), files = [...event.target.files];
    if (files.length === 0 && event.target === field.input && !field.each) { // a browser empties a field whose dialog is cancelled
      field.changed();
      return;
    }
    event.target.value = "";
    field.add(files);
  });

  // Files may be dropped anywhere on a page with one field; without this a browser would leave the page to show them.
  const target = (event) => {
    const within = event.target instanceof Element && event.target.closest("[data-drop]");
    const all = document.querySelectorAll("[data-drop]");
    return within || (all.length === 1 ? all[0] : null);
  };
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  for (const type of ["dragover", "drop", "dragleave"]) {
    document.addEventListener(type, (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      const drop = target(event);
      document.querySelectorAll("[data-drop]").forEach((zone) => zone.toggleAttribute("data-over", zone === drop && type === "dragover"));
      if (type !== "drop" || !usable(drop)) return;
      const files = [...event.dataTransfer.items].filter((item) => item.kind === "file").map((item) => {
        const file = item.getAsFile();
        return file && Object.assign(file, { folder: item.webkitGetAsEntry?.()?.isDirectory });
      });
      fieldOf(drop).add(files.filter(Boolean));
    });
  }

  // A form with files goes by htmx, which tells how far it is; files stay chosen when the form is refused.
  let kept = null;
  const gathered = (event) => event.target instanceof HTMLFormElement && [...fields.values()].find((field) => !field.each && field.several && field.input.form === event.target);
  document.addEventListener("htmx:beforeRequest", (event) => {
    const field = gathered(event);
    if (!field) return;
    event.target.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = true; });
    kept = { action: event.target.action, files: [...field.input.files] };
  });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const field = gathered(event);
    if (!field || !kept?.files.length || !event.detail.lengthComputable) return;
    field.bar ??= field.list.insertAdjacentElement("beforebegin", make("progress", { className: "upload__bar upload__bar--all", max: 1 }));
    field.bar.setAttribute("aria-label", "Sending the form");
    field.bar.value = event.detail.loaded / event.detail.total;
    field.say(event.detail.loaded < event.detail.total ? `Sending ${count(kept.files.length)}: ${Math.floor(10 * event.detail.loaded / event.detail.total) * 10} %` : "Checking…");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (gathered(event)) event.detail.shouldSwap = event.detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/html");
  });
  for (const type of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(type, (event) => {
      const field = gathered(event);
      if (!field) return;
      event.target.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = false; });
      field.bar?.remove();
      field.bar = null;
      field.say("That did not arrive. Check the connection and send it again: nothing is lost.");
    });
  }
  document.addEventListener("htmx:load", () => {
    const drop = kept?.files.length && [...document.querySelectorAll("[data-drop]")].find((zone) => zone.querySelector(".drop__input").form?.action === kept.action && !fields.has(zone));
    if (!drop || drop.querySelector("[data-each]")) return;
    const { files } = kept;
    kept = null;
    fieldOf(drop).add(files);
  });
  document.addEventListener("htmx:load", () => { for (const drop of fields.keys()) if (!drop.isConnected) fields.delete(drop); });

  addEventListener("online", () => fields.forEach((field) => field.rows.filter((row) => row.state === "failed").forEach((row) => row.again.click())));
  addEventListener("beforeunload", (event) => {
    if ([...fields.values()].some((field) => field.each && field.rows.some((row) => ["waiting", "sending"].includes(row.state)))) event.preventDefault();
  });

  const begin = () => document.querySelectorAll("[data-drop]").forEach(fieldOf);
  begin();
  document.addEventListener("htmx:load", begin);
})();
