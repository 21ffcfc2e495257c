// Signatures: what is drawn goes with the form as a picture. Loaded by the page that asks for one.
import { queryAll } from "./dom.js";
import { imageOf, pixelRatio } from "./signature-image.js";

function startSignature(field) {
  const canvas = field.querySelector("canvas");
  const input = field.querySelector("input[type=hidden]");
  const clear = field.querySelector("[data-pad-clear]");
  field.hidden = false;
  const pad = new window.SignaturePad(canvas, { penColor: "#14223d", minWidth: 0.8, maxWidth: 2.6 });
  const keep = () => {
    input.value = imageOf(pad);
    clear.hidden = !input.value;
  };
  pad.addEventListener("endStroke", keep);
  clear.addEventListener("click", () => {
    pad.clear();
    keep();
    field.querySelector(".signature-pad__sheet").focus();
  });

  // The canvas has as many pixels as the screen shows; another width begins it anew and draws again what was there.
  let width = 0;
  const fit = () => {
    if (canvas.offsetWidth === width || !canvas.offsetWidth) return;
    const strokes = pad.toData();
    const ratio = pixelRatio(window.devicePixelRatio);
    width = canvas.offsetWidth;
    canvas.width = width * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    pad.clear();
    if (strokes.length) pad.fromData(strokes);
    else if (input.value) pad.fromDataURL(input.value, { ratio, width, height: canvas.offsetHeight });
    clear.hidden = !input.value;
  };
  new ResizeObserver(fit).observe(canvas);
  fit();
}

if (window.SignaturePad) queryAll("[data-pad]").forEach(startSignature);
