// Signatures: what is drawn goes with the form as a picture. Loaded by the page that asks for one.
(() => {
  "use strict";
  if (!window.SignaturePad) return;
  for (const field of document.querySelectorAll("[data-pad]")) {
    const canvas = field.querySelector("canvas"), kept = field.querySelector("input[type=hidden]"), clear = field.querySelector("[data-pad-clear]");
    field.hidden = false;
    const pad = new window.SignaturePad(canvas, { penColor: "#14223d", minWidth: 0.8, maxWidth: 2.6 });
    const keep = () => {
      kept.value = pad.isEmpty() ? "" : pad.toDataURL("image/png");
      clear.hidden = !kept.value;
    };
    pad.addEventListener("endStroke", keep);
    clear.addEventListener("click", () => {
      pad.clear();
      keep();
      field.querySelector(".pad__sheet").focus();
    });

    // The canvas has as many pixels as the screen shows; another width begins it anew and draws again what was there.
    let width = 0;
    const fit = () => {
      if (canvas.offsetWidth === width || !canvas.offsetWidth) return;
      const strokes = pad.toData(), ratio = Math.min(2, Math.max(1, window.devicePixelRatio || 1));
      width = canvas.offsetWidth;
      canvas.width = width * ratio;
      canvas.height = canvas.offsetHeight * ratio;
      canvas.getContext("2d").scale(ratio, ratio);
      pad.clear();
      if (strokes.length) pad.fromData(strokes);
      else if (kept.value) pad.fromDataURL(kept.value, { ratio, width, height: canvas.offsetHeight });
      clear.hidden = !kept.value;
    };
    new ResizeObserver(fit).observe(canvas);
    fit();
  }
})();
