// Fields that matter only for some answers: data-when="name=value", "name=one|other", or "name" for a ticked box.
import { onLoad, queryAll } from "./dom.js";

// isShown decides by a condition and the values that the form has for a name.
export function isShown(condition, valuesOf) {
  const [name, ...rest] = condition.split("=");
  const given = valuesOf(name);
  if (rest.length === 0) return given.length > 0;
  const wanted = rest.join("=").split("|");
  return given.some((value) => wanted.includes(value));
}

function showFields(form) {
  const data = new FormData(form);
  for (const part of queryAll("[data-when]", form)) {
    part.hidden = !isShown(part.dataset.when, (name) => data.getAll(name));
    if (part instanceof HTMLFieldSetElement) part.disabled = part.hidden; // what nobody sees is not sent
  }
}

export function startConditionalFields() {
  document.addEventListener("change", ({ target }) => {
    if (target.form) showFields(target.form);
  });
  onLoad((part) => {
    for (const form of queryAll("form", part)) showFields(form);
  });
}
