// Photos: a viewer with arrows, Escape and swiping, over links that open the pictures without it. Loaded by the
// pages that have photos; may be loaded twice.
(() => {
  "use strict";
  if (window.fieldgateViewer) return;
  window.fieldgateViewer = true;

  const make = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const stroke = (path) => {
    const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg"), line = document.createElementNS(ns, "path");
    for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round" })) svg.setAttribute(name, value);
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[data-photo]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link);
  });

  function open(link) {
    const group = link.closest("[data-photos]") ?? document;
    // A list may link a photo by its picture and by its name; each shows once.
    const links = [...group.querySelectorAll("a[data-photo]")].filter((a, i, all) => a === link || (a.href !== link.href && all.findIndex((b) => b.href === a.href) === i));
    const opener = link;
    let at = links.indexOf(link);
    const several = links.length > 1;

    const image = make("img", { className: "viewer__image", draggable: false });
    const stage = make("div", { className: "viewer__stage" }, image);
    const caption = make("span", { className: "viewer__caption", dir: "auto" });
    const detail = make("span", { className: "viewer__detail" });
    const words = make("div", { className: "viewer__words" }, caption, detail);
    const place = make("p", { className: "viewer__place" });
    const spoken = make("p", { className: "sr-only" });
    spoken.setAttribute("role", "status");
    const button = (label, path, name, act) => {
      const made = make("button", { type: "button", className: `viewer__button ${name}`, title: label }, stroke(path));
      made.setAttribute("aria-label", label);
      made.addEventListener("click", act);
      return made;
    };
    const save = make("a", { className: "viewer__button", download: "", title: "Download" }, stroke("M12 15V3M7 10l5 5 5-5M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"));
    save.setAttribute("aria-label", "Download");
    const close = button("Close", "M18 6 6 18M6 6l12 12", "", () => dialog.close());
    const dialog = make("dialog", { className: "viewer" },
      stage,
      make("div", { className: "viewer__bar" }, place, save, close),
      button("Previous photo", "m15 18-6-6 6-6", "viewer__previous", () => show(at - 1)),
      button("Next photo", "m9 18 6-6-6-6", "viewer__next", () => show(at + 1)),
      words, spoken);
    dialog.setAttribute("aria-label", "Photos");
    dialog.toggleAttribute("data-several", several);

    const wrap = (n) => (n + links.length) % links.length;
    function show(next) {
      at = wrap(next);
      const here = links[at], { caption: text = "", detail: line = "", save: from = here.href } = here.dataset;
      const thumb = here.querySelector("img") ?? document.getElementById(here.dataset.thumb ?? "");
      dialog.removeAttribute("data-lost");
      image.alt = text;
      image.style.transform = "";
      // The small picture stands in, at the size of the large one, until that is here.
      const large = new Image();
      large.src = here.href;
      const arrived = () => { if (links[at] === here) { image.src = large.src; dialog.removeAttribute("data-loading"); } };
      if (large.complete && large.naturalWidth) arrived();
      else {
        dialog.setAttribute("data-loading", "");
        image.src = thumb?.currentSrc || here.href;
        large.addEventListener("load", arrived);
        large.addEventListener("error", () => {
          if (links[at] !== here) return;
          dialog.removeAttribute("data-loading");
          dialog.setAttribute("data-lost", "");
          spoken.textContent = detail.textContent = "This photo cannot be shown just now.";
        });
      }
      const { width, height } = here.dataset;
      if (width && height) Object.assign(image, { width, height });
      else ["width", "height"].forEach((name) => image.removeAttribute(name));
      save.href = from;
      caption.textContent = text;
      detail.textContent = line;
      place.textContent = several ? `${at + 1} / ${links.length}` : "";
      spoken.textContent = `Photo ${at + 1} of ${links.length}: ${text}`;
      if (several) for (const near of [at + 1, at - 1]) new Image().src = links[wrap(near)].href;
    }

    dialog.addEventListener("close", () => {
      dialog.remove();
      const back = links[at].isConnected ? links[at] : opener;
      back.focus({ preventScroll: false });
    });
    dialog.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: links.length - 1 }[event.key];
      if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      show(step);
    });
    // The stage around the picture closes; the picture itself, on a wide screen, goes on.
    let dragged = false;
    stage.addEventListener("click", (event) => {
      if (dragged) return;
      if (event.target === stage) dialog.close();
    });

    // A finger moves the picture: sideways to its neighbours, down to close. Not while the page is zoomed.
    let start = null;
    const zoomed = () => (window.visualViewport?.scale ?? 1) > 1.01;
    stage.addEventListener("pointerdown", (event) => {
      dragged = false;
      start = event.isPrimary && event.pointerType !== "mouse" && !zoomed() ? { x: event.clientX, y: event.clientY } : null;
    });
    stage.addEventListener("pointermove", (event) => {
      if (!start || !event.isPrimary) return;
      const x = event.clientX - start.x, y = event.clientY - start.y;
      if (Math.hypot(x, y) < 8) return;
      dragged = true;
      if (!still.matches) image.style.transform = Math.abs(x) > Math.abs(y) ? `translateX(${several ? x : x / 4}px)` : `translateY(${Math.max(0, y)}px)`;
    });
    const release = (event) => {
      if (!start) return;
      const x = event.clientX - start.x, y = event.clientY - start.y;
      start = null;
      image.style.transform = "";
      if (event.type === "pointercancel") return;
      if (Math.abs(x) > Math.max(48, Math.abs(y)) && several) show(at + (x < 0 ? 1 : -1));
      else if (y > 96 && y > Math.abs(x)) dialog.close();
    };
    stage.addEventListener("pointerup", release);
    stage.addEventListener("pointercancel", release);

    document.body.append(dialog);
    show(at);
    dialog.showModal();
    close.focus();
  }
})();
