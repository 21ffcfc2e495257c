// What htmx cannot show in place: a session that has ended, and errors.
import { createElement } from "./dom.js";

// signInPath is where the side of a page signs in, and comes back to the page.
export const signInPath = (path, query = "") =>
  `${path === "/office" || path.startsWith("/office/") ? "/office" : ""}/login?next=${encodeURIComponent(path + query)}`;

// saySignedOut leaves the page as it is: what was typed is still there when they come back.
function saySignedOut() {
  const at = document.getElementById("flashes") ?? document.body;
  if (at.querySelector("[data-signed-out]")) return;
  const words = createElement("p", { textContent: "You have been signed out. What you typed is still here. " },
    createElement("a", { className: "link", href: signInPath(location.pathname, location.search), target: "_blank", textContent: "Log in again in a new tab" }), ", then go on here.");
  const box = createElement("div", { className: "flash flash--warning" }, words);
  box.dataset.signedOut = "";
  at.append(box);
}

export function startHtmx() {
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful) document.querySelector("[data-signed-out]")?.remove();
  });
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.xhr.status === 401) saySignedOut();
    else if (detail.xhr.status === 404) location.reload();
    else alert("That did not work. What you typed is still here; please try again.");
  });
}
