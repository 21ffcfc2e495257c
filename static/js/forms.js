// A form is sent once, and warns before what was typed is lost (data-unsaved). Addresses of lists are without
// empty answers.
import { listen, queryAll } from "./dom.js";

export function startForms() {
  const changed = new Set();
  document.addEventListener("input", ({ target }) => {
    if (target.form?.hasAttribute("data-unsaved")) changed.add(target.form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const method = event.submitter?.getAttribute("formmethod") ?? form.method;
    if (method !== "post") return;
    if (event.defaultPrevented) { // htmx sends it
      changed.delete(form);
      return;
    }
    if (form.hasAttribute("data-download")) return; // the page stays, and the form can be sent again
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    changed.delete(form);
    if (form.matches("[hx-post], [data-hx-post]")) return;
    form.setAttribute("data-sent", "");
    event.submitter?.setAttribute("data-busy", "");
  });
  addEventListener("pageshow", () => {
    for (const form of queryAll("[data-sent]")) form.removeAttribute("data-sent");
    for (const button of queryAll("[data-busy]")) button.removeAttribute("data-busy");
  });
  addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });

  document.addEventListener("formdata", ({ target, formData }) => {
    if (target.method !== "get") return;
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
  listen("change", "[data-submits]", (control) => control.form.requestSubmit(document.getElementById(control.dataset.submits)));
}
