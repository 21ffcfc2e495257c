// The demo's sign-in page fills in whom you press: data-fill="email=lee@demo.test&password=…".
import { listen } from "./dom.js";

export function startDemo() {
  listen("click", "[data-fill]", (button) => {
    for (const [name, value] of new URLSearchParams(button.dataset.fill)) {
      const [input] = document.getElementsByName(name);
      if (input) input.value = value;
    }
    document.querySelector("main form [type=submit]")?.focus();
  });
}
