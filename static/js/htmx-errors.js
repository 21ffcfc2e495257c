// What htmx cannot show in place: the sign-in page of a session that has ended, and errors.

// isSignIn tells by its path that an answer is a sign-in page.
export const isSignIn = (path) => path.endsWith("/login");

export function startHtmx() {
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!isSignIn(new URL(detail.xhr.responseURL || location).pathname)) return;
    detail.shouldSwap = false;
    location.reload();
  });
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.xhr.status === 404) location.reload();
    else alert("That did not work. What you typed is still here; please try again.");
  });
}
