// The previews of the business's looks wear a colour, logo or banner before it is saved.
import { listen, queryAll } from "./dom.js";

export const isColour = (text) => /^#[0-9a-f]{6}$/i.test(text);

const previews = "[data-colour-preview]";

function showColour(colour) {
  for (const frame of queryAll(previews)) frame.src = `${frame.dataset.colourPreview}&colour=${encodeURIComponent(colour)}`;
}

// showPictures puts pictures that were chosen, but not sent yet, into a preview.
function showPictures(frame, pictures) {
  const page = frame.contentDocument;
  const brand = page?.querySelector(".brand");
  const side = page?.querySelector(".signin__side");
  const picture = (properties) => Object.assign(page.createElement("img"), { alt: "", ...properties });
  if (pictures.logo && brand) brand.replaceChildren(picture({ className: "brand__logo", src: pictures.logo }));
  if (pictures.banner && side) {
    const banner = side.querySelector(".signin__banner") ?? side.insertBefore(picture({ className: "signin__banner" }), side.firstChild);
    banner.removeAttribute("srcset");
    banner.src = pictures.banner;
  }
}

export function startBrandPreview() {
  // A colour as text and in the browser's picker are one.
  let wait;
  document.addEventListener("input", ({ target }) => {
    const { colourText, colourPicker } = target.dataset ?? {};
    const other = document.getElementById(colourText ?? colourPicker ?? "");
    if (!other || !isColour(target.value)) return;
    other.value = target.value.toLowerCase();
    clearTimeout(wait);
    wait = setTimeout(showColour, 400, target.value);
  });

  const pictures = {};
  listen("change", "[data-brand-picture]", (input) => {
    const [file] = input.files;
    if (!file?.type.startsWith("image/")) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      pictures[input.dataset.brandPicture] = reader.result;
      for (const frame of queryAll(previews)) showPictures(frame, pictures);
    });
    reader.readAsDataURL(file);
  });
  document.addEventListener("load", ({ target }) => {
    if (target.matches?.(previews)) showPictures(target, pictures);
  }, true);
}
