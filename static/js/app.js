// The one script of ours. Pages work without it; it saves presses and page loads.
// Everything is found by data- attributes, at start and again in what htmx swaps in.
(() => {
  "use strict";

  const root = document.documentElement;
  root.classList.remove("no-js");

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (type, selector, act) => document.addEventListener(type, (event) => {
    const found = event.target instanceof Element && event.target.closest(selector);
    if (found) act(found, event);
  });
  const make = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  // Ticked tables: tick all, a range with Shift, and a bar that says how many.
  let lastTick = null;
  on("click", "[data-tick]", (box, event) => {
    const form = box.closest("[data-ticks]");
    const boxes = all("[data-tick]", form);
    if (event.shiftKey && lastTick && boxes.includes(lastTick)) {
      const [from, to] = [boxes.indexOf(lastTick), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((b) => { b.checked = box.checked; });
    }
    lastTick = box;
    showTicks(form);
  });
  on("change", "[data-tick-all]", (box) => {
    const form = box.closest("[data-ticks]");
    all("[data-tick]", form).forEach((b) => { b.checked = box.checked; });
    showTicks(form);
  });
  function showTicks(form) {
    const boxes = all("[data-tick]", form);
    const ticked = boxes.filter((b) => b.checked).length;
    const every = form.querySelector("[data-tick-all]");
    if (every) {
      every.hidden = boxes.length === 0;
      every.checked = ticked > 0 && ticked === boxes.length;
      every.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    const bar = form.querySelector("[data-tick-bar]");
    if (!bar) return;
    bar.toggleAttribute("data-some", ticked > 0);
    all("button", bar).forEach((b) => { b.disabled = ticked === 0; });
    const count = bar.querySelector("[data-tick-count]");
    count.dataset.none ??= count.textContent;
    count.textContent = ticked ? `${ticked} ${ticked === 1 ? bar.dataset.noun.replace(/s$/, "") : bar.dataset.noun} ticked` : count.dataset.none;
  }

  // Copy a text, and say so where the press was.
  on("click", "[data-copy]", async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.querySelector("[data-copy-label]") ?? button;
    label.dataset.was ??= label.textContent;
    label.textContent = "Copied";
    setTimeout(() => { label.textContent = label.dataset.was; }, 2000);
  });

  // Passwords: readable on request; the rule is ticked off while typing.
  on("click", "[data-reveal]", (button) => {
    const input = document.getElementById(button.dataset.reveal);
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
  document.addEventListener("input", (event) => {
    const rule = event.target.id && document.querySelector(`[data-rule="${CSS.escape(event.target.id)}"]`);
    if (rule) rule.toggleAttribute("data-met", [...event.target.value.normalize("NFC")].length >= Number(rule.dataset.ruleLength));
  });

  // Fields that matter only for some answers: data-when="name=value" or "name" for a ticked box.
  function showDependents(form) {
    const data = new FormData(form);
    all("[data-when]", form).forEach((part) => {
      const [name, ...values] = part.dataset.when.split("=");
      const wanted = values.length ? values.join("=").split("|") : null;
      const given = data.getAll(name);
      part.hidden = wanted ? !given.some((v) => wanted.includes(v)) : given.length === 0;
    });
  }
  document.addEventListener("change", (event) => {
    if (event.target.form?.querySelector("[data-when]")) showDependents(event.target.form);
  });

  // Presets: choosing one sets the controls it names; changing those finds the preset they equal.
  const controls = (form, name) => [...form.elements].filter((c) => c.name === name);
  const holds = (form, name) => { const [c] = controls(form, name); return c && (c.type === "checkbox" ? (c.checked ? c.value : "") : c.value); };
  document.addEventListener("change", (event) => {
    const form = event.target.form, radio = form?.querySelector("[data-presets]");
    if (!radio) return;
    const presets = JSON.parse(radio.dataset.presets);
    if (event.target.name === radio.name) {
      for (const [name, value] of Object.entries(presets[event.target.value] ?? {})) {
        controls(form, name).forEach((c) => { if (c.type === "checkbox") c.checked = value !== ""; else c.value = value; });
      }
    } else {
      const same = Object.keys(presets).find((key) => Object.entries(presets[key]).every(([name, value]) => holds(form, name) === value));
      controls(form, radio.name).forEach((c) => { c.checked = c.value === (same ?? radio.dataset.presetsElse); });
    }
  });

  // A colour as text and in the browser's picker are one; previews wear it before it is saved.
  document.addEventListener("input", (event) => {
    const { colourText, colourPicker } = event.target.dataset ?? {};
    const other = document.getElementById(colourText ?? colourPicker ?? "");
    const colour = event.target.value;
    if (!other || !/^#[0-9a-f]{6}$/i.test(colour)) return;
    other.value = colour.toLowerCase();
    clearTimeout(showColour.wait);
    showColour.wait = setTimeout(showColour, 400, colour);
  });
  function showColour(colour) {
    all("[data-colour-preview]").forEach((frame) => { frame.src = `${frame.dataset.colourPreview}&colour=${encodeURIComponent(colour)}`; });
  }

  // A logo or banner is tried on in the previews before it is sent.
  const tried = {};
  on("change", "[data-brand-picture]", (input) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => { tried[input.dataset.brandPicture] = reader.result; all("[data-colour-preview]").forEach(tryOn); });
    if (input.files[0]?.type.startsWith("image/")) reader.readAsDataURL(input.files[0]);
  });
  document.addEventListener("load", (event) => { if (event.target.matches?.("[data-colour-preview]")) tryOn(event.target); }, true);
  function tryOn(frame) {
    const page = frame.contentDocument;
    const mark = page?.querySelector(".mark"), side = page?.querySelector(".door__side");
    if (tried.logo && mark) mark.replaceChildren(Object.assign(page.createElement("img"), { className: "mark__logo", src: tried.logo, alt: "" }));
    if (tried.banner && side) {
      const banner = side.querySelector(".door__banner") ?? side.insertBefore(Object.assign(page.createElement("img"), { className: "door__banner", alt: "" }), side.firstChild);
      banner.removeAttribute("srcset");
      banner.src = tried.banner;
    }
  }

  // Dialogs. A link with data-dialog leads to a page of its own when there is no script.
  on("click", "[data-dialog]", (opener, event) => {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog) return;
    event.preventDefault();
    opener.closest("details[data-menu]")?.removeAttribute("open");
    dialog.showModal();
    dialog.querySelector("[autofocus], .dialog__body :is(input:not([type=hidden]), textarea, select, button)")?.focus();
  });
  on("click", "[data-dialog-close]", (button) => button.closest("dialog").close());
  on("click", "dialog.dialog", (dialog, event) => {
    if (event.target !== dialog) return; // a press on the backdrop is one on the dialog itself
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.detail > 0) dialog.close();
  });

  // Menus close on Escape and on a press elsewhere.
  document.addEventListener("click", (event) => {
    all("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // The office's search: "/" leads there from anywhere, arrows walk through what it found, Escape puts it away.
  document.addEventListener("keydown", (event) => {
    const field = document.getElementById("find");
    if (!field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !event.target.closest("input, textarea, select, dialog")) {
      event.preventDefault();
      if (!field.offsetParent) { location.href = field.form.action; return; }
      field.focus();
      field.select();
    }
    const finder = event.target.closest("[data-finder]");
    if (!finder) return;
    const stops = [field, ...all("#finder a", finder)];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && stops.length > 1) {
      event.preventDefault();
      stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
    }
    if (event.key === "Escape") {
      finder.querySelector("#finder").replaceChildren();
      field.focus();
    }
  });

  // A form is sent once, and warns before what was typed is lost (data-unsaved).
  const changed = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.hasAttribute("data-unsaved")) changed.add(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if ((event.submitter?.getAttribute("formmethod") ?? form.method) !== "post" || event.defaultPrevented) return;
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    changed.delete(form);
    if (form.matches("[hx-post], [data-hx-post]")) return;
    form.setAttribute("data-sent", "");
    event.submitter?.setAttribute("data-busy", "");
  });
  addEventListener("pageshow", () => {
    all("[data-sent]").forEach((form) => form.removeAttribute("data-sent"));
    all("[data-busy]").forEach((button) => button.removeAttribute("data-busy"));
  });
  addEventListener("beforeunload", (event) => { if ([...changed].some((form) => form.isConnected)) event.preventDefault(); });

  // Hours of an entry follow its start and end.
  document.addEventListener("input", ({ target }) => {
    const { start, end, hours } = target.form?.matches("[data-hours]") ? target.form.elements : {};
    if (!hours || target === hours) return;
    const span = end.valueAsNumber - start.valueAsNumber;
    if (span) hours.value = Number(((span < 0 ? span + 864e5 : span) / 36e5).toFixed(2));
  });

  // What htmx cannot show in place: the sign-in page of a session that has ended, and errors.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (new URL(event.detail.xhr.responseURL || location).pathname.endsWith("/login")) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 404) location.reload();
    else alert("That did not work. What you typed is still here; please try again.");
  });

  on("click", "[data-flash-close]", (button) => button.closest("[data-flash]").remove());
  on("click", "[data-print]", () => print());
  on("change", "[data-submits]", (control) => control.form.requestSubmit(document.getElementById(control.dataset.submits)));

  // Addresses of lists without empty answers.
  document.addEventListener("formdata", (event) => {
    if (event.target.method !== "get") return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  // The demo's sign-in page fills in whom you press: data-fill="email=lee@demo.test&password=…".
  on("click", "[data-fill]", (button) => {
    for (const [name, value] of new URLSearchParams(button.dataset.fill)) {
      const input = document.querySelector(`[name="${CSS.escape(name)}"]`);
      if (input) input.value = value;
    }
    document.querySelector("main form [type=submit]")?.focus();
  });

  // Lines are dragged by their grip. Where one is dropped, the server puts it, like a press on its arrows.
  let dragged = null;
  const dropped = (row, event) => event.clientY > row.getBoundingClientRect().top + row.offsetHeight / 2 ? "after" : "before";
  on("pointerdown", "[data-grip]", (grip) => { grip.closest("[data-row]").draggable = true; });
  document.addEventListener("pointerup", () => all("[data-row][draggable]").forEach((row) => row.removeAttribute("draggable")));
  on("dragstart", "[data-row]", (row, event) => { dragged = row; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", ""); });
  on("dragover", "[data-row]", (row, event) => {
    if (dragged?.parentElement !== row.parentElement) return;
    event.preventDefault();
    all("[data-at]", row.parentElement).forEach((other) => other.removeAttribute("data-at"));
    if (row !== dragged) row.dataset.at = dropped(row, event);
  });
  on("drop", "[data-row]", (row, event) => {
    if (dragged?.parentElement !== row.parentElement) return;
    event.preventDefault();
    const from = Number(dragged.dataset.row), at = Number(row.dataset.row) + (dropped(row, event) === "after" ? 1 : 0);
    const button = dragged.querySelector("[name=arrange]:not(:disabled)");
    if (at === from || at === from + 1) return;
    button.value = `move-${from}-${at > from ? at - 1 : at}`;
    button.click();
  });
  document.addEventListener("dragend", () => {
    dragged?.removeAttribute("draggable");
    dragged = null;
    all("[data-row][data-at]").forEach((row) => row.removeAttribute("data-at"));
  });

  // Rows that scroll sideways say where more of them lies.
  const edges = (row) => {
    const rest = row.scrollWidth - row.clientWidth, moved = Math.abs(row.scrollLeft);
    row.dataset.more = [moved > 4 && "start", rest - moved > 4 && "end"].filter(Boolean).join(" ");
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => edges(entry.target)));

  function begin(within) {
    all("[data-reveal], [data-copy], [data-flash-close], [data-print]", within).forEach((button) => { button.hidden = false; });
    all("form[data-ticks]", within).forEach(showTicks);
    all("form", within).forEach((form) => { if (form.querySelector("[data-when]")) showDependents(form); });
    all("[data-scroller]", within).forEach((row) => {
      row.addEventListener("scroll", () => edges(row), { passive: true });
      watch.observe(row);
      const current = row.querySelector("[aria-current]");
      if (current) row.scrollLeft = current.offsetLeft - row.clientWidth / 2 + current.offsetWidth / 2;
    });
    within.querySelector("[data-focus]")?.focus();
  }
  begin(document);
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) begin(event.target); });
})();
